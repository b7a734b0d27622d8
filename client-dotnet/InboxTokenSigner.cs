using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace OrleansInbox.Client;

/// <summary>Signs the JWTs (HS256) that a user's page or app shows to the inbox server, with the server's <c>Auth:SigningKey</c>. Thread-safe.</summary>
public sealed class InboxTokenSigner
{
    private const string _publishScope = "notifications:publish";
    private const int _shortestKey = 32, _longestId = 128;
    private static readonly string _header = Base64Url.EncodeToString("""{"alg":"HS256","typ":"JWT"}"""u8);

    private readonly byte[] _key;
    private readonly TimeProvider _time;

    /// <param name="signingKey">As the server has it: base64 of at least 32 bytes.</param>
    /// <param name="time">Null: the machine's clock.</param>
    /// <exception cref="ArgumentException">It is no such key.</exception>
    public InboxTokenSigner(string signingKey, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(signingKey);
        var key = new byte[signingKey.Length];
        if (!Convert.TryFromBase64String(signingKey, key, out var length) || length < _shortestKey)
            throw new ArgumentException($"The signing key has to be base64 of at least {_shortestKey} bytes.", nameof(signingKey));
        (_key, _time) = (key[..length], time ?? TimeProvider.System);
    }

    /// <summary>The server's <c>Auth:Audience</c>, when it has one.</summary>
    public string? Audience { get; init; }

    /// <summary>A token for one user's own inbox.</summary>
    /// <param name="user">1 to 128 bytes of UTF-8 without control characters; not <c>me</c>, <c>.</c> or <c>..</c>.</param>
    /// <param name="lifetime">How long it is good, to the second.</param>
    /// <param name="tenant">Null: the default one.</param>
    /// <exception cref="ArgumentException">The server would not take it.</exception>
    public string SignUser(string user, TimeSpan lifetime, string? tenant = null)
    {
        if (!IsLegal(user) || user is "me" or "." or "..") throw new ArgumentException("A user id has 1 to 128 bytes without control characters, and is not one of me, . and ...", nameof(user));
        return Sign(user, lifetime, tenant, scope: null);
    }

    /// <summary>A token for a publisher: for <see cref="InboxClientOptions.Token"/>.</summary>
    /// <param name="lifetime">How long it is good, to the second.</param>
    /// <param name="tenant">Null: the default one.</param>
    public string SignPublisher(TimeSpan lifetime, string? tenant = null) => Sign(user: null, lifetime, tenant, _publishScope);

    private string Sign(string? user, TimeSpan lifetime, string? tenant, string? scope)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(lifetime, TimeSpan.FromSeconds(1));
        if (tenant is not null && !IsLegal(tenant)) throw new ArgumentException("A tenant has 1 to 128 bytes without control characters.", nameof(tenant));
        var claims = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(claims, new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            if (user is not null) json.WriteString("sub", user);
            json.WriteNumber("exp", (_time.GetUtcNow() + lifetime).ToUnixTimeSeconds());
            if (tenant is not null) json.WriteString("tenant", tenant);
            if (scope is not null) json.WriteString("scope", scope);
            if (Audience is not null) json.WriteString("aud", Audience);
            json.WriteEndObject();
        }
        var text = $"{_header}.{Base64Url.EncodeToString(claims.WrittenSpan)}";
        return $"{text}.{Base64Url.EncodeToString(HMACSHA256.HashData(_key, Encoding.ASCII.GetBytes(text)))}";
    }

    private static bool IsLegal(string id)
    {
        ArgumentNullException.ThrowIfNull(id);
        if (id.Length is 0 or > _longestId || id.Any(char.IsControl)) return false;
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetByteCount(id) <= _longestId;
        }
        catch (EncoderFallbackException) // half of a surrogate pair
        {
            return false;
        }
    }
}
