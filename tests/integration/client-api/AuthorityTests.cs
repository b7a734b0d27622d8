using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using OrleansInbox.ClientApi.Access;

namespace OrleansInbox.Tests.ClientApi;

/// <summary>Tokens of an OpenID Connect issuer, which runs on this machine and has one RSA key.</summary>
public sealed class AuthorityTests : IAsyncLifetime
{
    private const string Audience = "inbox";
    private readonly RSA _key = RSA.Create(2048);
    private WebApplication _issuer = null!;
    private ApiServer _server = null!;
    private string _url = "";

    public async Task InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        _issuer = builder.Build();
        _issuer.Urls.Add("http://127.0.0.1:0");
        var key = _key.ExportParameters(includePrivateParameters: false);
        _issuer.MapGet("/.well-known/openid-configuration", (RequestDelegate)(http => http.Response.WriteAsync($$"""{"issuer":"{{_url}}","jwks_uri":"{{_url}}/keys"}""")));
        _issuer.MapGet("/keys", (RequestDelegate)(http => http.Response.WriteAsync(
            $$"""{"keys":[{"kty":"RSA","use":"sig","kid":"k","n":"{{Base64Url.EncodeToString(key.Modulus)}}","e":"{{Base64Url.EncodeToString(key.Exponent)}}"}]}""")));
        await _issuer.StartAsync();
        _url = _issuer.Urls.First();
        _server = await ApiServer.Start(redis: null, credentials: false, settings: [$"Auth:Authority={_url}", $"Auth:Audience={Audience}"]);
    }

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        await _issuer.DisposeAsync();
        _key.Dispose();
    }

    [Fact]
    public async Task Its_tokens_pass_and_all_others_do_not()
    {
        Assert.Equal(200, await Status(Claims(), "RS256"));
        Assert.Equal(200, await Status(Claims(), "PS256"));
        Assert.Equal(401, await Status(Claims(audience: "somebody else"), "RS256"));
        Assert.Equal(401, await Status(Claims(issuer: "https://other.example"), "RS256"));
        Assert.Equal(401, await Status(Claims(lifetime: -60), "RS256"));
        Assert.Equal(401, await Status(Claims(), "none"));
        Assert.Equal(401, await Status(Claims(), "HS256")); // with the public key as the secret: the classic
        using var other = RSA.Create(2048);
        Assert.Equal(401, await Status(Claims(), "RS256", other));
    }

    private Dictionary<string, object> Claims(string audience = Audience, string? issuer = null, long lifetime = 600)
    {
        var claims = TestToken.Claims("ann", lifetime: lifetime);
        (claims["aud"], claims["iss"]) = (audience, issuer ?? _url);
        return claims;
    }

    private async Task<int> Status(Dictionary<string, object> claims, string algorithm, RSA? key = null)
    {
        key ??= _key;
        var text = Part(new Dictionary<string, object> { ["alg"] = algorithm, ["typ"] = "JWT", ["kid"] = "k" }) + "." + Part(claims);
        var bytes = Encoding.ASCII.GetBytes(text);
        var signature = algorithm switch
        {
            "none" => [],
            "HS256" => HMACSHA256.HashData(key.ExportSubjectPublicKeyInfo(), bytes),
            _ => key.SignData(bytes, HashAlgorithmName.SHA256, algorithm == "PS256" ? RSASignaturePadding.Pss : RSASignaturePadding.Pkcs1),
        };
        var client = _server.Client(new("Bearer", $"{text}.{Base64Url.EncodeToString(signature)}"));
        return (int)(await client.GetAsync("/v1/users/me/counts")).StatusCode;
    }

    private static string Part(Dictionary<string, object> json) => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(json));
}
