using System.Text;
using Microsoft.AspNetCore.Http.Features;

namespace OrleansInbox.ClientApi.Requests;

/// <summary>The request target as it came. The decoded path of the server is ambiguous: it keeps <c>%2F</c> but decodes <c>%252F</c> to the same text.</summary>
internal static class RawTarget
{
    /// <summary>Stands in the path that routing sees, for what is taken from here.</summary>
    public const string Placeholder = "-";

    private static readonly UTF8Encoding _strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>What follows the prefix, without the query; empty when the path does not begin with it.</summary>
    public static ReadOnlySpan<char> After(HttpContext http, string prefix)
    {
        var target = http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget.AsSpan();
        if (target.Length > 0 && target[0] != '/') target = AfterAuthority(target); // absolute form (RFC 9112 §3.2.2)
        if (!target.StartsWith(prefix, StringComparison.Ordinal)) return [];
        target = target[prefix.Length..];
        var query = target.IndexOf('?');
        return query < 0 ? target : target[..query];
    }

    /// <returns>Null when it is not percent-encoded UTF-8, or certainly longer.</returns>
    public static string? Decode(string raw, int maxBytes)
    {
        if (raw.Length > maxBytes * 3) return null;
        if (!raw.Contains('%', StringComparison.Ordinal)) return raw;
        Span<byte> bytes = stackalloc byte[raw.Length * 3];
        var count = 0;
        for (var i = 0; i < raw.Length; i++)
        {
            if (raw[i] != '%')
                count += Encoding.UTF8.GetBytes(raw.AsSpan(i, 1), bytes[count..]); // one byte: the server accepts ASCII only
            else if (i + 2 < raw.Length && char.IsAsciiHexDigit(raw[i + 1]) && char.IsAsciiHexDigit(raw[i + 2]))
            {
                bytes[count++] = Convert.FromHexString(raw.AsSpan(i + 1, 2))[0];
                i += 2;
            }
            else return null;
        }
        try
        {
            return _strict.GetString(bytes[..count]);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    /// <returns>A user, <see cref="InboxKey.Me"/> included; null when it is not a legal one.</returns>
    public static string? User(string raw) => Decode(raw, InboxKey.MaxBytes) is var user && (user == InboxKey.Me || InboxKey.IsLegalUser(user)) ? user : null;

    /// <returns>A collapse key; null when it is not a legal one.</returns>
    public static string? CollapseKey(string raw) => Decode(raw, NotificationRules.MaxName * 4) is { } key && NotificationRules.CollapseKey(key) is null ? key : null;

    private static ReadOnlySpan<char> AfterAuthority(ReadOnlySpan<char> target)
    {
        var scheme = target.IndexOf("://", StringComparison.Ordinal);
        if (scheme < 0) return [];
        var path = target[(scheme + 3)..].IndexOfAny('/', '?');
        return path < 0 ? [] : target[(scheme + 3 + path)..];
    }
}
