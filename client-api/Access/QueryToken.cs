namespace OrleansInbox.ClientApi.Access;

/// <summary>The <c>access_token</c> of a request's URL, from which <see cref="AccessTokenRedaction"/> took it.</summary>
internal sealed class QueryToken(string text, int count)
{
    public string Text { get; } = text;

    /// <summary>How often the URL has it; more than once is refused.</summary>
    public int Count { get; } = count;
}
