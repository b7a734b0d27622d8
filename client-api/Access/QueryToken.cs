namespace OrleansInbox.ClientApi.Access;

/// <summary>The <c>access_token</c> of a request's URL, from which <see cref="AccessTokenRedaction"/> took it.</summary>
internal sealed class QueryToken(string text)
{
    public string Text { get; } = text;
}
