using System.Net;
using System.Text.Json.Nodes;

namespace OrleansInbox.Tests.ClientApi;

[Collection(RedisApi.Name)]
public sealed class BatchOnRedis(RedisApi api) : BatchTests(api);

[Collection(SqliteApi.Name)]
public sealed class BatchOnSqlite(SqliteApi api) : BatchTests(api);

/// <summary>One notification for many users.</summary>
public abstract class BatchTests(ApiFixture api)
{
    private const string _one = """{"type":"t","title":"T"}""";

    [Fact]
    public async Task Each_user_gets_it_and_is_answered_in_order()
    {
        string[] users = [.. Enumerable.Range(0, 300).Select(_ => ApiFixture.NewUser()), "a/b:ü " + ApiFixture.NewUser()];
        var (status, body) = await Send(users, _one);
        Assert.Equal(200, status);
        var results = body["results"]!.AsArray();
        Assert.Equal(users, results.Select(result => result!["user"]!.GetValue<string>()));
        foreach (var (user, result) in users.Zip(results).Where((_, i) => i % 100 == 0))
            Assert.Equal([result!["id"]!.GetValue<string>()], await Ids(user));
    }

    [Fact]
    public async Task Repeated_with_its_key_it_adds_nothing()
    {
        string[] users = [ApiFixture.NewUser(), ApiFixture.NewUser()];
        var (_, first) = await Send(users, _one, "key");
        var (status, again) = await Send(users, _one, "key");
        Assert.Equal(200, status);
        foreach (var (one, other) in first["results"]!.AsArray().Zip(again["results"]!.AsArray()))
        {
            Assert.Equal((one!["id"]!.GetValue<string>(), true), (other!["id"]!.GetValue<string>(), other["replayed"]!.GetValue<bool>()));
            Assert.Null(one["replayed"]);
        }
        Assert.Equal([first["results"]![1]!["id"]!.GetValue<string>()], await Ids(users[1]));
    }

    [Fact]
    public async Task One_that_fails_does_not_hold_up_the_others()
    {
        string[] users = [ApiFixture.NewUser(), ApiFixture.NewUser(), ApiFixture.NewUser()];
        Assert.Equal(200, (await Send([users[0]], """{"type":"other","title":"T"}""", "key")).Status);
        Assert.Equal(HttpStatusCode.OK, (await api.Publisher.PutAsync(ApiFixture.Path(users[1], "preferences"), ApiFixture.Json("""{"mute":{"types":["t"]}}"""))).StatusCode);
        var results = (await Send(users, _one, "key")).Body["results"]!;
        Assert.Equal(422, results[0]!["problem"]!["status"]!.GetValue<int>());
        Assert.Equal("types", results[1]!["muted"]!.GetValue<string>());
        Assert.NotNull(results[2]!["id"]);
    }

    [Fact]
    public async Task What_comes_later_is_scheduled_for_each()
    {
        string[] users = [ApiFixture.NewUser(), ApiFixture.NewUser()];
        var results = (await Send(users, $$"""{"type":"t","title":"T","deliverAt":"{{DateTimeOffset.UtcNow.AddHours(1):O}}"}""")).Body["results"]!;
        var waiting = await api.Get(ApiFixture.Path(users[1], "scheduled"));
        Assert.Equal(results[1]!["scheduled"]!.GetValue<string>(), waiting["items"]![0]!["scheduled"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("""{"users":[],"notification":{"type":"t","title":"T"}}""", "users")]
    [InlineData("""{"users":["ann","ann"],"notification":{"type":"t","title":"T"}}""", "users")]
    [InlineData("""{"users":["me"],"notification":{"type":"t","title":"T"}}""", "users")]
    [InlineData("""{"users":["ann"]}""", "notification")]
    [InlineData("""{"users":["ann"],"notification":{"type":"T","title":""}}""", "notification.title,notification.type")]
    [InlineData("""{"users":["ann"],"notification":{"type":"t","title":"T","colour":1,"actor":{"x":1}},"more":1}""", "more,notification.actor.x,notification.colour")]
    [InlineData("""{"users":["ann"],"notification":{"type":"t","title":"T","fallback":{}}}""", "notification.fallback.after")]
    public async Task What_is_wrong_is_named(string body, string fields)
    {
        var answer = await api.Publisher.PostAsync("/v1/notifications", ApiFixture.Json(body));
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal(fields, string.Join(',', (await ApiFixture.Body(answer))["errors"]!.AsObject().Select(field => field.Key).Order(StringComparer.Ordinal)));
    }

    [Fact]
    public async Task More_users_than_may_be_are_refused_and_so_is_a_longer_body()
    {
        Assert.Equal(400, (await Send([.. Enumerable.Range(0, 1_001).Select(i => "user-" + i)], _one)).Status);
        var answer = await api.Publisher.PostAsync("/v1/notifications", ApiFixture.Json(new string(' ', 256 * 1024) + "{}"));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
        Assert.Contains("256 KiB", (await ApiFixture.Body(answer))["detail"]!.GetValue<string>(), StringComparison.Ordinal);
        string[] users = [.. Enumerable.Range(0, 1_000).Select(i => i.ToString("D4") + new string('x', 96))];
        Assert.Equal(200, (await Send(users, _one)).Status); // 100 KB: a publish has at most 64 KiB
    }

    [Fact]
    public async Task It_is_for_publishers()
    {
        using var user = api.Server.User(ApiFixture.NewUser());
        var answer = await user.PostAsync("/v1/notifications", ApiFixture.Json("""{"users":["ann"],"notification":{"type":"t","title":"T"}}"""));
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
    }

    private async Task<string[]> Ids(string user) =>
        [.. (await api.Get(ApiFixture.Path(user, "notifications")))["items"]!.AsArray().Select(item => item!["id"]!.GetValue<string>())];

    private async Task<(int Status, JsonNode Body)> Send(string[] users, string notification, string? key = null)
    {
        var body = new JsonObject { ["users"] = new JsonArray([.. users.Select(user => (JsonNode)user)]), ["notification"] = JsonNode.Parse(notification) };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/notifications") { Content = ApiFixture.Json(body.ToJsonString()) };
        if (key is not null) request.Headers.Add("Idempotency-Key", key);
        using var answer = await api.Publisher.SendAsync(request);
        return ((int)answer.StatusCode, await ApiFixture.Body(answer));
    }
}
