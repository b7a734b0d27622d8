using Microsoft.Extensions.Primitives;

namespace OrleansInbox.ClientApi.Access;

/// <summary>Authenticates a request by <c>Authorization: ApiKey …</c> or <c>Authorization: Bearer …</c>.</summary>
public sealed class Credentials(ApiKeys keys, Tokens tokens)
{
    private const string ApiKeyScheme = "ApiKey ";
    private const string BearerScheme = "Bearer ";

    /// <param name="http">The request.</param>
    /// <param name="queryToken">Whether <c>?access_token=</c> is accepted: on the stream endpoint alone, because an EventSource cannot set headers.</param>
    public ValueTask<AuthenticationOutcome> Identify(HttpContext http, bool queryToken)
    {
        var header = http.Request.Headers.Authorization;
        var inQuery = http.Features.Get<QueryToken>();
        if (header.Count + (inQuery?.Count ?? 0) > 1) return new(new AuthenticationOutcome(null, "Show your credentials once.")); // RFC 6750 §2
        if (inQuery is not null) return queryToken ? tokens.Identify(inQuery.Text) : new(new AuthenticationOutcome(null, "Only the stream takes a token in the URL; show it in Authorization."));
        if (StringValues.IsNullOrEmpty(header)) return new(default(AuthenticationOutcome));

        var text = header[0]!;
        if (text.StartsWith(ApiKeyScheme, StringComparison.OrdinalIgnoreCase)) return new(keys.Identify(text.AsSpan(ApiKeyScheme.Length).Trim(' ')));
        if (text.StartsWith(BearerScheme, StringComparison.OrdinalIgnoreCase)) return tokens.Identify(text[BearerScheme.Length..].Trim(' '));
        return new(new AuthenticationOutcome(null, "The scheme of the credentials is not known: use ApiKey or Bearer."));
    }
}
