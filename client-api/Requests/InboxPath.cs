using System.Diagnostics.CodeAnalysis;
using System.Text;
using Microsoft.AspNetCore.Http.Features;

namespace OrleansInbox.ClientApi.Requests;

/// <summary>
/// The user of a path under <c>/v1/users/</c>, and the collapse key of one under <c>keys/</c> there, taken from the raw request target. The decoded path of the server is ambiguous: it keeps <c>%2F</c> but
/// decodes <c>%252F</c> to the same text. Routing sees <see cref="Placeholder"/> in their place.
/// </summary>
/// <param name="User">Decoded, <see cref="InboxKey.Me"/> included; null when that is not a legal user.</param>
/// <param name="Raw">As it stands in the URL.</param>
/// <param name="Key">Decoded; null when there is none, or it is not a legal one.</param>
internal sealed record InboxPath(string? User, string Raw, string? Key)
{
    public const string Prefix = "/v1/users/";
    private const string Placeholder = "-";
    private const string Keys = "/keys/";
    private const int MaxKeyBytes = NotificationRules.MaxName * 4;

    private static readonly UTF8Encoding _strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>True when the request is about an inbox; its path then has the placeholder.</summary>
    public static bool TryTake(HttpContext http, [NotNullWhen(true)] out InboxPath? path)
    {
        path = null;
        var target = http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget.AsSpan();
        if (target.Length > 0 && target[0] != '/') target = AfterAuthority(target); // absolute form (RFC 9112 §3.2.2)
        if (!target.StartsWith(Prefix, StringComparison.Ordinal)) return false;

        target = target[Prefix.Length..];
        var query = target.IndexOf('?');
        if (query >= 0) target = target[..query];
        var slash = target.IndexOf('/');
        if (slash < 0) slash = target.Length;
        if (slash == 0) return false;
        var raw = target[..slash].ToString();
        var rest = target[slash..].ToString();
        string? key = null;
        if (rest.StartsWith(Keys, StringComparison.Ordinal) && rest.Length > Keys.Length && !rest.AsSpan(Keys.Length).Contains('/'))
            (key, rest) = (Decode(rest[Keys.Length..], MaxKeyBytes), Keys + Placeholder);
        path = new(Legal(Decode(raw, InboxKey.MaxBytes)), raw, key is not null && NotificationRules.CollapseKey(key) is null ? key : null);
        http.Request.Path = new PathString(string.Concat(Prefix, Placeholder, rest));
        return true;
    }

    private static ReadOnlySpan<char> AfterAuthority(ReadOnlySpan<char> target)
    {
        var scheme = target.IndexOf("://", StringComparison.Ordinal);
        if (scheme < 0) return [];
        var path = target[(scheme + 3)..].IndexOfAny('/', '?');
        return path < 0 ? [] : target[(scheme + 3 + path)..];
    }

    private static string? Decode(string raw, int maxBytes)
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

    private static string? Legal(string? user) => user == InboxKey.Me || InboxKey.IsLegalUser(user) ? user : null;
}
