using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
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
        _issuer = await Issue("http://127.0.0.1:0");
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

    [Fact]
    public async Task While_the_issuer_is_away_tokens_are_answered_503_and_once_its_keys_are_known_they_pass()
    {
        await _issuer.DisposeAsync();
        using var log = new Warnings();
        await using var server = await ApiServer.Start(redis: null, credentials: false, log: log, settings: [$"Auth:Authority={_url}", $"Auth:Audience={Audience}"]);
        foreach (var _ in Enumerable.Range(0, 2))
        {
            using var away = await Answer(Claims(), "RS256", server: server);
            Assert.Equal(503, (int)away.StatusCode);
            Assert.NotNull(away.Headers.RetryAfter);
        }
        Assert.Single(log.Texts, text => text.Contains(_url, StringComparison.Ordinal)); // once per episode

        await using (var issuer = await Issue(_url))
            Assert.Equal(200, await Status(Claims(), "RS256", server: server));
        Assert.Equal(200, await Status(Claims(lifetime: 601), "RS256", server: server)); // away again, another token
        Assert.Equal(401, await Status(Claims(issuer: "https://other.example"), "RS256", server: server));
    }

    [Fact]
    public async Task An_issuer_that_does_not_answer_makes_nobody_wait_for_5_seconds()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0); // connects, and says nothing
        silent.Start();
        await using var server = await ApiServer.Start(redis: null, credentials: false, settings: [$"Auth:Authority=http://{silent.LocalEndpoint}", $"Auth:Audience={Audience}"]);
        var waited = Stopwatch.StartNew();
        var answers = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => Status(Claims(), "RS256", server: server)));

        Assert.All(answers, status => Assert.Equal(503, status));
        Assert.True(waited.Elapsed < TimeSpan.FromSeconds(5), $"Waited {waited.Elapsed}."); // side by side: they share one attempt
    }

    private async Task<WebApplication> Issue(string address)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var issuer = builder.Build();
        issuer.Urls.Add(address);
        var key = _key.ExportParameters(includePrivateParameters: false);
        issuer.MapGet("/.well-known/openid-configuration", (RequestDelegate)(http => http.Response.WriteAsync($$"""{"issuer":"{{_url}}","jwks_uri":"{{_url}}/keys"}""")));
        issuer.MapGet("/keys", (RequestDelegate)(http => http.Response.WriteAsync(
            $$"""{"keys":[{"kty":"RSA","use":"sig","kid":"k","n":"{{Base64Url.EncodeToString(key.Modulus)}}","e":"{{Base64Url.EncodeToString(key.Exponent)}}"}]}""")));
        await issuer.StartAsync();
        return issuer;
    }

    private Dictionary<string, object> Claims(string audience = Audience, string? issuer = null, long lifetime = 600)
    {
        var claims = TestToken.Claims("ann", lifetime: lifetime);
        (claims["aud"], claims["iss"]) = (audience, issuer ?? _url);
        return claims;
    }

    private async Task<int> Status(Dictionary<string, object> claims, string algorithm, RSA? key = null, ApiServer? server = null)
    {
        using var answer = await Answer(claims, algorithm, key, server);
        return (int)answer.StatusCode;
    }

    private async Task<HttpResponseMessage> Answer(Dictionary<string, object> claims, string algorithm, RSA? key = null, ApiServer? server = null)
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
        var client = (server ?? _server).Client(new("Bearer", $"{text}.{Base64Url.EncodeToString(signature)}"));
        return await client.GetAsync("/v1/users/me/counts");
    }

    private static string Part(Dictionary<string, object> json) => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(json));

    private sealed class Warnings : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> Texts { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;
        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;
        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Texts.Enqueue(formatter(state, exception));
        public void Dispose() { }
    }
}
