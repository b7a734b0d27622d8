using System.Text;

namespace OrleansInbox;

/// <summary>
/// Whose inbox: the grain's key and, between braces, the hash tag of its Redis keys. <c>escape(tenant)/escape(user)</c>: escaping leaves
/// ASCII without <c>/</c>, <c>{</c> and <c>}</c>, so that two different pairs never meet in one key.
/// </summary>
public static class InboxKey
{
    public const string DefaultTenant = "default";

    /// <summary>The limit for a user id and for a tenant, in bytes of UTF-8.</summary>
    public const int MaxBytes = 128;

    /// <summary>In a path, the caller's own user id.</summary>
    public const string Me = "me";

    private static readonly UTF8Encoding _strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>1 to 128 bytes of well-formed UTF-8 without control characters; anything else is a legal id.</summary>
    public static bool IsLegal(string? id)
    {
        if (string.IsNullOrEmpty(id) || id.Length > MaxBytes) return false;
        var ascii = true;
        foreach (var c in id)
        {
            if (char.IsControl(c)) return false;
            ascii &= c < 0x80;
        }
        if (ascii) return true;
        try
        {
            return _strict.GetByteCount(id) <= MaxBytes;
        }
        catch (EncoderFallbackException) // a lone surrogate
        {
            return false;
        }
    }

    /// <summary>Whether it is a legal id that a path can name: <c>me</c> stands for another one there, and <c>.</c> and <c>..</c> are taken out by clients and proxies.</summary>
    public static bool IsLegalUser(string? id) => id is not (Me or "." or "..") && IsLegal(id);

    /// <param name="tenant">A legal id.</param>
    /// <param name="user">A legal user.</param>
    public static string Of(string tenant, string user) => $"{Uri.EscapeDataString(tenant)}/{Uri.EscapeDataString(user)}";

    /// <summary>The pair that <see cref="Of"/> was given.</summary>
    public static (string Tenant, string User) Parse(string key)
    {
        var slash = key.IndexOf('/', StringComparison.Ordinal);
        return slash < 0
            ? throw new ArgumentException($"'{key}' is not an inbox key: expected '<tenant>/<user>', both percent-encoded.", nameof(key))
            : (Uri.UnescapeDataString(key[..slash]), Uri.UnescapeDataString(key[(slash + 1)..]));
    }
}
