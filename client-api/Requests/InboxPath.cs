using System.Diagnostics.CodeAnalysis;

namespace OrleansInbox.ClientApi.Requests;

/// <summary>
/// The user of a path under <c>/v1/users/</c>, and the collapse key of one under <c>keys/</c> there, taken from the raw request target (<see cref="RawTarget"/>). Routing sees
/// <see cref="RawTarget.Placeholder"/> in their place.
/// </summary>
/// <param name="User">Decoded, <see cref="InboxKey.Me"/> included; null when that is not a legal user.</param>
/// <param name="Raw">As it stands in the URL.</param>
/// <param name="Key">Decoded; null when there is none, or it is not a legal one.</param>
internal sealed record InboxPath(string? User, string Raw, string? Key)
{
    public const string Prefix = "/v1/users/";
    private const string Keys = "/keys/";

    /// <summary>True when the request is about an inbox; its path then has the placeholder.</summary>
    public static bool TryTake(HttpContext http, [NotNullWhen(true)] out InboxPath? path)
    {
        path = null;
        var target = RawTarget.After(http, Prefix);
        var slash = target.IndexOf('/');
        if (slash < 0) slash = target.Length;
        if (slash == 0) return false;
        var raw = target[..slash].ToString();
        var rest = target[slash..].ToString();
        string? key = null;
        if (rest.StartsWith(Keys, StringComparison.Ordinal) && rest.Length > Keys.Length && !rest.AsSpan(Keys.Length).Contains('/'))
            (key, rest) = (RawTarget.CollapseKey(rest[Keys.Length..]), Keys + RawTarget.Placeholder);
        path = new(RawTarget.User(raw), raw, key);
        http.Request.Path = new PathString(string.Concat(Prefix, RawTarget.Placeholder, rest));
        return true;
    }
}
