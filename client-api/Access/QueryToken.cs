namespace OrleansInbox.ClientApi.Access;

/// <summary>The <c>access_token</c> that a request carried in its URL, taken out of it before anything could log it (<see cref="AccessTokenRedaction"/>).</summary>
internal sealed class QueryToken(string text)
{
    public string Text { get; } = text;
}
