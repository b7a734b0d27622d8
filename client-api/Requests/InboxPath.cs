using System.Diagnostics.CodeAnalysis;
using System.Text;
using Microsoft.AspNetCore.Http.Features;

namespace OrleansInbox.ClientApi.Requests;

/// <summary>
/// The user of a path under <c>/v1/users/</c>, taken from the raw request target. The decoded path of the server is ambiguous: it keeps <c>%2F</c> but
/// decodes <c>%252F</c> to the same text. Routing sees <see cref="Placeholder"/> in place of the user.
/// </summary>
/// <param name="User">Decoded, <see cref="InboxKey.Me"/> included; null when that is not a legal user.</param>
/// <param name="Raw">As it stands in the URL.</param>
internal sealed record InboxPath(string? User, string Raw)
{
    public const string Prefix = "/v1/users/";
    private const string Placeholder = "-";

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
        path = new(Decode(raw), raw);
        http.Request.Path = new PathString(string.Concat(Prefix, Placeholder, target[slash..]));
        return true;
    }

    private static ReadOnlySpan<char> AfterAuthority(ReadOnlySpan<char> target)
    {
        var scheme = target.IndexOf("://", StringComparison.Ordinal);
        if (scheme < 0) return [];
        var path = target[(scheme + 3)..].IndexOfAny('/', '?');
        return path < 0 ? [] : target[(scheme + 3 + path)..];
    }

    private static string? Decode(string raw)
    {
        if (raw.Length > InboxKey.MaxBytes * 3) return null;
        if (!raw.Contains('%', StringComparison.Ordinal)) return Legal(raw);
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
            return Legal(_strict.GetString(bytes[..count]));
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    private static string? Legal(string user) => user == InboxKey.Me || InboxKey.IsLegalUser(user) ? user : null;
}
