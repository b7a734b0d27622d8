using System.Net.Http.Headers;
using System.Text;

namespace OrleansInbox.Tests.ClientApi;

/// <summary>Who may do what; and that it is the same for an inbox that exists and one that does not.</summary>
[Collection(SqliteApi.Name)]
public sealed class AccessTests(SqliteApi api)
{
    private const string Notification = """{"type":"t","title":"T"}""";
    private readonly string _user = ApiFixture.NewUser();

    public static TheoryData<string, string, string?> Everything => new()
    {
        { "GET", "notifications", null }, { "GET", "notifications/1-1", null }, { "GET", "counts", null }, { "GET", "stream", null },
        { "PATCH", "notifications/1-1", """{"read":true}""" }, { "DELETE", "notifications/1-1", null }, { "POST", "notifications/read", """{"all":true}""" }, { "POST", "notifications/undo", """{"undo":"a"}""" },
        { "DELETE", "keys/a", null }, { "POST", "notifications/1-1/actions/a", null },
        { "POST", "notifications", Notification }, { "DELETE", "notifications", null },
    };

    [Theory]
    [MemberData(nameof(Everything))]
    public async Task Without_credentials_nothing_goes(string method, string rest, string? body)
    {
        var response = await Send(api.Server.Client(), method, ApiFixture.Path(_user, rest), body);
        Assert.Equal(401, (int)response.StatusCode);
        Assert.Equal(["Bearer", "ApiKey"], response.Headers.WwwAuthenticate.Select(challenge => challenge.Scheme));
    }

    [Theory]
    [MemberData(nameof(Everything))]
    public async Task Somebody_elses_inbox_is_403_whether_it_exists_or_not(string method, string rest, string? body)
    {
        await api.Publish(_user);
        var other = api.Server.User("somebody else");
        var exists = await Send(other, method, ApiFixture.Path(_user, rest), body);
        var doesNot = await Send(other, method, ApiFixture.Path(_user + "-never", rest), body);
        var illegal = await Send(other, method, ApiFixture.Path(new string('x', 129), rest), body);
        Assert.Equal((403, 403, 403), ((int)exists.StatusCode, (int)doesNot.StatusCode, (int)illegal.StatusCode));
        Assert.Equal(await exists.Content.ReadAsStringAsync(), await doesNot.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_user_reads_and_marks_its_own_but_does_not_publish_or_erase()
    {
        var id = await api.Publish(_user);
        var user = api.Server.User(_user);
        foreach (var name in new[] { _user, "me" })
        {
            Assert.Equal(200, (int)(await user.GetAsync(ApiFixture.Path(name))).StatusCode);
            Assert.Equal(200, (int)(await Send(user, "PATCH", ApiFixture.Path(name, $"notifications/{id}"), """{"read":true}""")).StatusCode);
            var publish = await Send(user, "POST", ApiFixture.Path(name), Notification);
            Assert.Equal(403, (int)publish.StatusCode);
            Assert.Contains("insufficient_scope", publish.Headers.WwwAuthenticate.ToString());
            Assert.Equal(403, (int)(await Send(user, "DELETE", ApiFixture.Path(name), null)).StatusCode);
        }
        Assert.Equal(204, (int)(await Send(user, "DELETE", ApiFixture.Path("me", $"notifications/{id}"), null)).StatusCode);
    }

    [Theory]
    [InlineData("notifications:publish")]
    [InlineData("openid notifications:publish")]
    public async Task A_token_with_the_scope_publishes(string scope)
    {
        var service = api.Server.Client(new("Bearer", TestToken.For(sub: null, scope: scope)));
        Assert.Equal(201, (int)(await Send(service, "POST", ApiFixture.Path(_user), Notification)).StatusCode);
        Assert.Equal(200, (int)(await service.GetAsync(ApiFixture.Path(_user))).StatusCode);
        Assert.Equal(400, (int)(await service.GetAsync(ApiFixture.Path("me"))).StatusCode);
    }

    [Fact]
    public async Task The_scope_may_stand_in_an_array()
    {
        var claims = TestToken.Claims("a service");
        claims["scp"] = new[] { "x", "notifications:publish" };
        Assert.Equal(201, (int)(await Send(api.Server.Client(new("Bearer", TestToken.Sign(claims))), "POST", ApiFixture.Path(_user), Notification)).StatusCode);
        claims["scp"] = new[] { "notifications:publisher" };
        Assert.Equal(403, (int)(await Send(api.Server.Client(new("Bearer", TestToken.Sign(claims))), "POST", ApiFixture.Path(_user), Notification)).StatusCode);
    }

    [Fact]
    public async Task Tenants_are_walls()
    {
        var mine = await api.Publish(_user);
        var other = api.Server.Publisher(ApiServer.OtherKey);
        Assert.Empty((await ApiFixture.Body(await other.GetAsync(ApiFixture.Path(_user))))["items"]!.AsArray());
        Assert.Equal(404, (int)(await other.GetAsync(ApiFixture.Path(_user, $"notifications/{mine}"))).StatusCode);
        var theirs = (await ApiFixture.Body(await Send(other, "POST", ApiFixture.Path(_user), Notification)))["id"]!.GetValue<string>();

        var namesake = api.Server.User(_user, ApiServer.OtherTenant);
        Assert.Equal(theirs, (await ApiFixture.Body(await namesake.GetAsync(ApiFixture.Path("me"))))["items"]![0]!["id"]!.GetValue<string>());
        Assert.Equal(204, (int)(await other.DeleteAsync(ApiFixture.Path(_user))).StatusCode);
        Assert.Equal(mine, (await api.Get(ApiFixture.Path(_user)))["items"]![0]!["id"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_token_in_the_URL_counts_on_the_stream_alone()
    {
        var token = TestToken.For(_user);
        var client = api.Server.Client();
        using var stream = await client.GetAsync(ApiFixture.Path("me", $"stream?access_token={token}"), HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(200, (int)stream.StatusCode);
        Assert.Equal("text/event-stream", stream.Content.Headers.ContentType!.MediaType);
        foreach (var rest in new[] { "notifications", "counts", "notifications/1-1" })
            Assert.Equal(401, (int)(await client.GetAsync(ApiFixture.Path("me", $"{rest}?access_token={token}"))).StatusCode);
        Assert.Equal(401, (int)(await client.GetAsync(ApiFixture.Path("me", "stream?access_token=x"))).StatusCode);
        foreach (var rest in new[] { "stream", "counts", "notifications" })
            Assert.Equal(401, (int)(await api.Server.User(_user).GetAsync(ApiFixture.Path("me", $"{rest}?access_token={token}"))).StatusCode);
        Assert.Equal(401, (int)(await client.GetAsync(ApiFixture.Path("me", $"stream?access_token={token}&access_token={token}"))).StatusCode);
    }

    [Theory]
    [InlineData("ApiKey wrong")]
    [InlineData("ApiKey ")]
    [InlineData("Bearer ")]
    [InlineData("Bearer a.b.c")]
    [InlineData("Bearer nonsense")]
    [InlineData("Basic YTpi")]
    [InlineData("ApiKey")]
    public async Task Bad_credentials_are_401(string header)
    {
        var client = api.Server.Client();
        client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", header);
        var response = await client.GetAsync(ApiFixture.Path(_user));
        Assert.Equal(401, (int)response.StatusCode);
        Assert.Contains("invalid_token", response.Headers.WwwAuthenticate.ToString());
    }

    private static Task<HttpResponseMessage> Send(HttpClient client, string method, string path, string? body) => client.SendAsync(
        new(new(method), path) { Content = body is null ? null : new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue("application/json")) },
        HttpCompletionOption.ResponseHeadersRead);
}
