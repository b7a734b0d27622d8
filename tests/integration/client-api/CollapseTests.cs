using System.Net;
using System.Text.Json.Nodes;
using OrleansInbox.Tests.Deployment;

namespace OrleansInbox.Tests.ClientApi;

[Collection(RedisApi.Name)]
public sealed class CollapseOnRedis(RedisApi api) : CollapseTests(api);

[Collection(SqliteApi.Name)]
public sealed class CollapseOnSqlite(SqliteApi api) : CollapseTests(api);

/// <summary><c>key</c>: what a notification is about, of which an inbox has one.</summary>
public abstract class CollapseTests(ApiFixture api)
{
    private readonly string _user = ApiFixture.NewUser();

    [Fact]
    public async Task A_new_one_replaces_the_old_one_for_readers_and_on_open_streams()
    {
        var first = await Publish("packed", "order:17");
        var other = await Publish("other", null);
        await Mark("read", """{"all":true}""");
        using var events = await EventReader.Open(api.Publisher, ApiFixture.Path(_user, "stream"));
        Assert.Equal("ready", (await events.Next())!.Value.Name);
        var second = await Publish("sent", "order:17");
        var third = await Publish("another", "order:18");

        var (name, data) = (await events.Next())!.Value;
        Assert.Equal(("removed", first), (name, data.GetProperty("ids").EnumerateArray().Single().GetString()));
        (name, data) = (await events.Next())!.Value;
        Assert.Equal(("added", second, first), (name, data.GetProperty("item").GetProperty("id").GetString(), data.GetProperty("replaces").GetString()));
        Assert.Equal(("order:17", 1, 2), (data.GetProperty("item").GetProperty("key").GetString(), data.GetProperty("counts").GetProperty("unread").GetInt32(), data.GetProperty("counts").GetProperty("total").GetInt32()));
        (name, data) = (await events.Next())!.Value;
        Assert.Equal(("added", third, false), (name, data.GetProperty("item").GetProperty("id").GetString(), data.TryGetProperty("replaces", out _)));

        Assert.Equal([third, second, other], (await Items()).Select(item => item["id"]!.GetValue<string>()));
        Assert.Equal(HttpStatusCode.NotFound, (await api.Publisher.GetAsync(ApiFixture.Path(_user, $"notifications/{first}"))).StatusCode);
        using var resumed = await EventReader.Open(api.Publisher, ApiFixture.Path(_user, "stream"), first);
        foreach (var title in new[] { "other", "sent", "another" }) Assert.Equal(title, await resumed.NextTitle());
    }

    [Fact]
    public async Task A_publish_that_comes_again_with_its_idempotency_key_replaces_nothing()
    {
        var first = await Publish("packed", "order", "once");
        var second = await Publish("sent", "order");
        Assert.Equal(first, await Publish("packed", "order", "once"));
        Assert.Equal([second], (await Items()).Select(item => item["id"]!.GetValue<string>()));
    }

    [Theory]
    [InlineData("order:17", "order:17")]
    [InlineData("a/b c?d#e%f🙂é", "a%2Fb%20c%3Fd%23e%25f%F0%9F%99%82%C3%A9")]
    public async Task It_is_marked_and_retracted_by_its_key(string key, string inPath)
    {
        await Publish("T", key);
        await Publish("other", null);
        foreach (var (action, unread) in new[] { ("read", 1), ("unread", 2), ("archive", 1), ("unarchive", 2) })
            Assert.Equal(unread, (await Mark(action, new JsonObject { ["key"] = key }.ToJsonString()))["unread"]!.GetValue<int>());
        var undo = (await Mark("archive", new JsonObject { ["key"] = key }.ToJsonString()))["undo"]!.GetValue<string>();
        Assert.Equal(2, (await Mark("undo", $$"""{"undo":"{{undo}}"}"""))["unread"]!.GetValue<int>());
        Assert.Equal(2, (await Mark("read", """{"key":"none"}"""))["unread"]!.GetValue<int>());

        using var user = api.Server.User(_user);
        for (var i = 0; i < 2; i++) Assert.Equal(HttpStatusCode.NoContent, (await user.DeleteAsync($"/v1/users/me/keys/{inPath}")).StatusCode);
        Assert.Equal(["other"], (await Items()).Select(item => item["title"]!.GetValue<string>()));
        Assert.Equal(HttpStatusCode.NoContent, (await api.Publisher.DeleteAsync(ApiFixture.Path(_user + "-never", "keys/a"))).StatusCode);
    }

    [Fact]
    public async Task What_is_no_key_is_refused()
    {
        foreach (var bad in new[] { "\"\"", "7", "\"a\\nb\"", "\".\"", "\"..\"", $"\"{new string('k', 256)}\"" })
            Assert.Equal(["key"], (await ApiFixture.Errors(await api.Publisher.PostAsync(ApiFixture.Path(_user), ApiFixture.Json($$"""{"type":"t","title":"T","key":{{bad}}}""")))).Select(error => error.Key));
        foreach (var (action, body, field) in new[] { ("read", """{"key":""}""", "key"), ("seen", """{"key":"a"}""", "key"), ("delete", """{"key":"a"}""", "key"), ("read", """{"key":"a","all":true}""", "$") })
            Assert.Equal([field], (await ApiFixture.Errors(await api.Publisher.PostAsync(ApiFixture.Path(_user, $"notifications/{action}"), ApiFixture.Json(body)))).Select(error => error.Key));
        foreach (var bad in new[] { "%0A", "%FF", new string('k', 256) })
            Assert.Equal(["key"], (await ApiFixture.Errors(await api.Publisher.DeleteAsync(ApiFixture.Path(_user, $"keys/{bad}")))).Select(error => error.Key));
        Assert.Equal(HttpStatusCode.NotFound, (await api.Publisher.DeleteAsync(ApiFixture.Path(_user, "keys/a/b"))).StatusCode);
        Assert.Empty(await Items());
    }

    private async Task<string> Publish(string title, string? key, string? idempotencyKey = null)
    {
        var body = new JsonObject { ["type"] = "t", ["title"] = title };
        if (key is not null) body["key"] = key;
        using var request = new HttpRequestMessage(HttpMethod.Post, ApiFixture.Path(_user)) { Content = ApiFixture.Json(body.ToJsonString()) };
        if (idempotencyKey is not null) request.Headers.Add("Idempotency-Key", idempotencyKey);
        using var response = await api.Publisher.SendAsync(request);
        Assert.True(response.IsSuccessStatusCode, $"{response.StatusCode}");
        return (await ApiFixture.Body(response))["id"]!.GetValue<string>();
    }

    private async Task<JsonNode> Mark(string action, string body)
    {
        using var response = await api.Publisher.PostAsync(ApiFixture.Path(_user, $"notifications/{action}"), ApiFixture.Json(body));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await ApiFixture.Body(response);
    }

    private async Task<JsonNode[]> Items() => [.. (await api.Get(ApiFixture.Path(_user) + "?status=all"))["items"]!.AsArray().Select(item => item!)];
}
