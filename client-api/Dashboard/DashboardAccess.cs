using System.Text;
using OrleansInbox.ClientApi.Access;
using OrleansInbox.ClientApi.Results;

namespace OrleansInbox.ClientApi.Dashboard;

/// <summary>
/// Who may look at the dashboard: whoever shows a publisher's credentials, in Development too, because a proxy makes every request look local. A browser cannot send <c>Authorization: ApiKey</c> by itself, so the key also counts as the password of <c>Basic</c> (RFC 7617), whatever the user name.
/// </summary>
internal sealed class DashboardAccess(Credentials credentials, ApiKeys keys)
{
    private const string BasicScheme = "Basic ";

    /// <summary>Its own scripts, styles and fonts. Its components set inline styles; small pictures and one font stand in its style sheet.</summary>
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self' data:; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private static readonly string[] _challenges = ["Basic realm=\"orleans-inbox\", charset=\"UTF-8\"", "ApiKey realm=\"orleans-inbox\"", "Bearer realm=\"orleans-inbox\""];

    /// <returns>Null when the dashboard may be shown.</returns>
    public async ValueTask<Problem?> Refuse(HttpContext http)
    {
        var identity = Basic(http.Request.Headers.Authorization.ToString()) ?? await credentials.Identify(http, queryToken: false);
        if (identity.Caller is not { } caller)
            return new(StatusCodes.Status401Unauthorized, identity.Refusal ?? "The dashboard needs a publisher's credentials; in a browser the API key is the password.") { Authenticate = _challenges };
        return caller.IsPublisher ? null : new(StatusCodes.Status403Forbidden, $"The dashboard needs an API key, or a token with scope {Tokens.PublishScope}.");
    }

    public static void SetHeaders(IHeaderDictionary headers)
    {
        headers.ContentSecurityPolicy = Policy;
        headers.CacheControl = "private, no-cache"; // a cache would show it to others
    }

    /// <returns>Null when the scheme is another.</returns>
    private AuthenticationOutcome? Basic(string header)
    {
        if (!header.StartsWith(BasicScheme, StringComparison.OrdinalIgnoreCase)) return null;
        var bytes = new byte[header.Length];
        if (!Convert.TryFromBase64String(header[BasicScheme.Length..].Trim(' '), bytes, out var count)) return new(null, "The credentials are not base64.");
        var pair = Encoding.UTF8.GetString(bytes, 0, count);
        return keys.Identify(pair.AsSpan(pair.IndexOf(':', StringComparison.Ordinal) + 1));
    }
}
