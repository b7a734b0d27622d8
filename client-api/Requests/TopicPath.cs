using System.Diagnostics.CodeAnalysis;
using OrleansInbox.Topics;

namespace OrleansInbox.ClientApi.Requests;

/// <summary>The user of a path under <c>/v1/topics/{topic}/subscribers/</c>, or the collapse key of one under <c>keys/</c> there; taken as in <see cref="InboxPath"/>.</summary>
/// <param name="User">Decoded, <see cref="InboxKey.Me"/> included; null when there is none, or it is not a legal user.</param>
/// <param name="Key">Decoded; null when there is none, or it is not a legal one.</param>
internal sealed record TopicPath(string? User, string? Key)
{
    private const string _prefix = "/v1/topics/";
    private const string _illegal = "~"; // no topic, and refused as one
    private const string _users = "/subscribers/", _keys = "/keys/";

    /// <summary>True when the request names a user or a key; its path then has the placeholder.</summary>
    public static bool TryTake(HttpContext http, [NotNullWhen(true)] out TopicPath? path)
    {
        path = null;
        var target = RawTarget.After(http, _prefix);
        var slash = target.IndexOf('/');
        if (slash <= 0) return false;
        var (topic, rest) = (target[..slash].ToString(), target[slash..].ToString());
        var kind = rest.StartsWith(_users, StringComparison.Ordinal) ? _users : rest.StartsWith(_keys, StringComparison.Ordinal) ? _keys : null;
        if (kind is null || rest.Length == kind.Length || rest.AsSpan(kind.Length).Contains('/')) return false;
        var raw = rest[kind.Length..];
        path = kind == _users ? new(RawTarget.User(raw), null) : new(null, RawTarget.CollapseKey(raw));
        http.Request.Path = new PathString(string.Concat(_prefix, RawTarget.Decode(topic, maxBytes: 128) is var name && TopicName.IsLegal(name) ? name : _illegal, kind, RawTarget.Placeholder));
        return true;
    }
}
