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
using Microsoft.Extensions.Logging.Abstractions;
using OrleansInbox.ClientApi.Access;

namespace OrleansInbox.Tests.ClientApi;

/// <summary>Tokens of an OpenID Connect issuer, which runs on this machine and has one RSA key.</summary>
public sealed class AuthorityTests : IAsyncLifetime
{
    private const string Audience = "inbox";
    private readonly RSA _key = RSA.Create(2048);
    private readonly RSA _otherKey = RSA.Create(2048);
    private WebApplication _issuer = null!;
    private ApiServer _server = null!;
    private string _url = "";
    private string _kid = "k";
    private RSA? _published;
    private int _asked;

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
        _otherKey.Dispose();
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
        Assert.Equal(401, await Status(Claims(), "RS256", _otherKey));
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

        await using (var issuer = await Issue(_url)) // asked again a second after it failed
            await Eventually.Is(async () => await Status(Claims(), "RS256", server: server) == 200, "the keys");
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

    [Fact]
    public async Task A_token_of_an_unknown_key_is_503_while_the_issuer_is_away_and_good_once_it_has_told_the_key()
    {
        var time = new FakeTime();
        using var tokens = Tokens(time);
        var (old, rotated) = (Sign(Claims(), "RS256"), Sign(Claims(), "RS256", _otherKey, "k2"));
        Assert.NotNull((await tokens.Identify(old)).Caller);
        await _issuer.DisposeAsync();
        time.Advance(TimeSpan.FromSeconds(31));
        for (var times = 0; times < 3; times++) await Assert.ThrowsAsync<AuthorityUnavailableException>(async () => await tokens.Identify(rotated));
        Assert.NotNull((await tokens.Identify(Sign(Claims(lifetime: 601), "RS256"))).Caller); // of a key that is known
        Assert.Equal("The token is not valid.", (await tokens.Identify(Tampered(old))).Refusal);

        (_kid, _published) = ("k2", _otherKey);
        await using var issuer = await Issue(_url);
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.NotNull((await tokens.Identify(rotated)).Caller);
        Assert.Equal("The token is not valid.", (await tokens.Identify(Sign(Claims(lifetime: 602), "RS256", kid: "k"))).Refusal); // withdrawn
    }

    [Fact]
    public async Task The_issuer_is_asked_about_unknown_keys_once_in_half_a_minute_and_for_old_ones_twice_a_day()
    {
        var time = new FakeTime();
        using var tokens = Tokens(time);
        var known = Sign(Claims(), "RS256");
        Assert.NotNull((await tokens.Identify(known)).Caller);
        var asked = _asked;
        for (var i = 0; i < 5; i++) Assert.NotNull((await tokens.Identify(Unknown(i))).Refusal);
        Assert.Equal(asked, _asked); // it has just answered
        time.Advance(TimeSpan.FromSeconds(31));
        await Task.WhenAll(Enumerable.Range(5, 10).Select(async i => Assert.NotNull((await tokens.Identify(Unknown(i))).Refusal)));
        Assert.Equal(asked + 1, _asked);
        Assert.NotNull((await tokens.Identify(Sign(Claims(lifetime: -60), "RS256", _otherKey, "expired"))).Refusal);
        Assert.Equal(asked + 1, _asked);

        time.Advance(TimeSpan.FromHours(13));
        Assert.NotNull((await tokens.Identify(known)).Caller);
        await Eventually.Is(() => Task.FromResult(_asked == asked + 2), "the issuer to be asked behind the request");

        string Unknown(int number) => Sign(Claims(), "RS256", _otherKey, $"unknown-{number}");
    }

    private Tokens Tokens(TimeProvider time) => new(new() { Authority = _url, Audience = Audience }, time, NullLogger<Tokens>.Instance);

    private static string Tampered(string token) => token[..(token.LastIndexOf('.') + 1)] + new string('A', 342);

    private async Task<WebApplication> Issue(string address)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var issuer = builder.Build();
        issuer.Urls.Add(address);
        var key = (_published ?? _key).ExportParameters(includePrivateParameters: false);
        issuer.MapGet("/.well-known/openid-configuration", (RequestDelegate)(http =>
        {
            Interlocked.Increment(ref _asked);
            return http.Response.WriteAsync($$"""{"issuer":"{{_url}}","jwks_uri":"{{_url}}/keys"}""");
        }));
        issuer.MapGet("/keys", (RequestDelegate)(http => http.Response.WriteAsync(
            $$"""{"keys":[{"kty":"RSA","use":"sig","kid":"{{_kid}}","n":"{{Base64Url.EncodeToString(key.Modulus)}}","e":"{{Base64Url.EncodeToString(key.Exponent)}}"}]}""")));
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
        var client = (server ?? _server).Client(new("Bearer", Sign(claims, algorithm, key)));
        return await client.GetAsync("/v1/users/me/counts");
    }

    private string Sign(Dictionary<string, object> claims, string algorithm, RSA? key = null, string kid = "k")
    {
        key ??= _key;
        var text = Part(new Dictionary<string, object> { ["alg"] = algorithm, ["typ"] = "JWT", ["kid"] = kid }) + "." + Part(claims);
        var bytes = Encoding.ASCII.GetBytes(text);
        var signature = algorithm switch
        {
            "none" => [],
            "HS256" => HMACSHA256.HashData(key.ExportSubjectPublicKeyInfo(), bytes),
            _ => key.SignData(bytes, HashAlgorithmName.SHA256, algorithm == "PS256" ? RSASignaturePadding.Pss : RSASignaturePadding.Pkcs1),
        };
        return $"{text}.{Base64Url.EncodeToString(signature)}";
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
