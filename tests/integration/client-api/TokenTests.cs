using System.Net;
using System.Security.Cryptography;
using System.Text.Json;

namespace OrleansInbox.Tests.ClientApi;

/// <summary>What a bearer token has to be.</summary>
[Collection(SqliteApi.Name)]
public sealed class TokenTests(SqliteApi api)
{
    private readonly string _user = ApiFixture.NewUser();

    [Fact]
    public async Task A_good_token_passes_and_again()
    {
        var token = TestToken.For(_user);
        Assert.Equal(200, await Status(token));
        Assert.Equal(200, await Status(token));
    }

    [Fact]
    public async Task Algorithms_are_pinned()
    {
        var claims = TestToken.Claims(_user);
        Assert.Equal(401, await Status(TestToken.Sign(claims, "none")));
        Assert.Equal(401, await Status(TestToken.Sign(claims, "None")));
        Assert.Equal(401, await Status(TestToken.Sign(claims, "HS512")));
        Assert.Equal(401, await Status(TestToken.Sign(claims, "RS256")));
        Assert.Equal(401, await Status(TestToken.Sign(claims, key: SHA256.HashData("another key"u8))));
    }

    [Fact]
    public async Task An_expired_token_is_refused()
    {
        Assert.Equal(401, await Status(TestToken.Sign(TestToken.Claims(_user, lifetime: -60))));
        var endless = TestToken.Claims(_user);
        endless.Remove("exp");
        Assert.Equal("The token has no exp.", await Detail(TestToken.Sign(endless)));
        Assert.Equal("The token has expired.", await Detail(TestToken.Sign(TestToken.Claims(_user, lifetime: -60))));
        var later = TestToken.Claims(_user);
        later["nbf"] = DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 600;
        Assert.Equal(401, await Status(TestToken.Sign(later)));
    }

    [Fact]
    public async Task A_tampered_token_is_refused_also_when_its_original_was_just_seen()
    {
        var token = TestToken.For(_user);
        Assert.Equal(200, await Status(token));
        var parts = token.Split('.');
        var other = TestToken.For("somebody else").Split('.');
        Assert.Equal(401, await Status($"{parts[0]}.{other[1]}.{parts[2]}"));
        Assert.Equal(401, await Status($"{parts[0]}.{parts[1]}."));
        Assert.Equal(401, await Status($"{parts[0]}.{parts[1]}.{other[2]}"));
    }

    [Fact]
    public async Task Claims_have_to_make_sense()
    {
        Assert.Equal(401, await Status(TestToken.For(sub: null)));
        Assert.Equal(401, await Status(TestToken.For("")));
        Assert.Equal(401, await Status(TestToken.For(new string('x', 129))));
        Assert.Equal(401, await Status(TestToken.For(_user, tenant: "line\nfeed")));
        var number = TestToken.Claims(_user);
        number["sub"] = 7;
        Assert.Equal(401, await Status(TestToken.Sign(number)));
    }

    [Theory]
    [InlineData("me")]
    [InlineData(".")]
    [InlineData("..")]
    public async Task A_user_that_a_path_cannot_name_is_refused_with_a_sentence(string sub)
    {
        foreach (var scope in new[] { null, "notifications:publish" })
        {
            var refused = await api.Server.Client(new("Bearer", TestToken.For(sub, scope: scope))).GetAsync(ApiFixture.Path("me", "counts"));
            Assert.Equal(401, (int)refused.StatusCode);
            Assert.Contains("not one of me, . and ..", (await ApiFixture.Body(refused))["detail"]!.GetValue<string>(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_stream_and_a_long_poll_end_when_their_token_does()
    {
        await api.Publish(_user);
        var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60)).Token;
        HttpClient client;
        Task<HttpResponseMessage> poll;
        long exp;
        string events;
        do // until the machine is quick enough to be answered while the token is good
        {
            var claims = TestToken.Claims(_user, lifetime: -6);
            exp = (long)claims["exp"];
            client = api.Server.Client(new("Bearer", TestToken.Sign(claims)));
            var stream = await client.GetAsync(ApiFixture.Path("me", "stream"), HttpCompletionOption.ResponseHeadersRead, patience);
            poll = client.GetAsync(ApiFixture.Path("me") + "?after=99999999999999-1&wait=60", patience);
            events = await stream.Content.ReadAsStringAsync(patience); // to its clean end
        } while (!events.StartsWith("event: ready", StringComparison.Ordinal));
        Assert.True(DateTimeOffset.UtcNow >= DateTimeOffset.FromUnixTimeSeconds(exp + 9)); // the machine's date may be set back a little meanwhile
        Assert.Contains((int)(await poll).StatusCode, (int[])[200, 401]); // 401: it came when the token had ended
        Assert.Equal(401, (int)(await client.GetAsync(ApiFixture.Path("me", "counts"), patience)).StatusCode);
    }

    [Fact]
    public async Task A_signed_token_has_one_object_and_nothing_after_it()
    {
        foreach (var after in new[] { "{}", " x", ",\"a\":1" })
            Assert.Equal(401, await Status(TestToken.SignText(JsonSerializer.Serialize(TestToken.Claims(_user)) + after)));
        Assert.Equal(200, await Status(TestToken.SignText(JsonSerializer.Serialize(TestToken.Claims(_user)))));
    }

    [Fact]
    public async Task A_token_may_never_end()
    {
        var claims = TestToken.Claims(_user);
        claims["exp"] = 253_402_300_799; // the last second of 9999
        using var stream = await api.Server.Client(new("Bearer", TestToken.Sign(claims))).GetAsync(ApiFixture.Path("me", "stream"), HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(HttpStatusCode.OK, stream.StatusCode);
    }

    private async Task<string> Detail(string token)
    {
        var refused = await api.Server.Client(new("Bearer", token)).GetAsync(ApiFixture.Path("me", "counts"));
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        return (await ApiFixture.Body(refused))["detail"]!.GetValue<string>();
    }

    private async Task<int> Status(string token) => (int)(await api.Server.Client(new("Bearer", token)).GetAsync(ApiFixture.Path("me", "counts"))).StatusCode;
}
