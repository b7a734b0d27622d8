using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace OrleansInbox.Tests.ClientApi;

/// <summary>JWTs put together by hand, so that they can be wrong in every way.</summary>
internal static class TestToken
{
    public static string For(string? sub, string? tenant = null, object? scope = null) => Sign(Claims(sub, tenant, scope));

    public static Dictionary<string, object> Claims(string? sub, string? tenant = null, object? scope = null, long lifetime = 3_600)
    {
        var claims = new Dictionary<string, object> { ["exp"] = DateTimeOffset.UtcNow.ToUnixTimeSeconds() + lifetime };
        if (sub is not null) claims["sub"] = sub;
        if (tenant is not null) claims["tenant"] = tenant;
        if (scope is not null) claims["scope"] = scope;
        return claims;
    }

    public static string Sign(Dictionary<string, object> claims, string algorithm = "HS256", byte[]? key = null) =>
        SignText(JsonSerializer.Serialize(claims), algorithm, key);

    /// <param name="payload">Need not be JSON.</param>
    public static string SignText(string payload, string algorithm = "HS256", byte[]? key = null)
    {
        var text = Part(JsonSerializer.Serialize(new Dictionary<string, object> { ["alg"] = algorithm, ["typ"] = "JWT" })) + "." + Part(payload);
        var bytes = Encoding.ASCII.GetBytes(text);
        key ??= ApiServer.SigningKey;
        return text + "." + algorithm switch
        {
            "none" => "",
            "HS512" => Base64Url.EncodeToString(HMACSHA512.HashData(key, bytes)),
            _ => Base64Url.EncodeToString(HMACSHA256.HashData(key, bytes)),
        };
    }

    private static string Part(string json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));
}
