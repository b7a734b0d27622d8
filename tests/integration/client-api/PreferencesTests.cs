using System.Net;
using System.Text.Json.Nodes;
using OrleansInbox.Tests.Deployment;

namespace OrleansInbox.Tests.ClientApi;

[Collection(RedisApi.Name)]
public sealed class PreferencesOnRedis(RedisApi api) : PreferencesTests(api);

[Collection(SqliteApi.Name)]
public sealed class PreferencesOnSqlite(SqliteApi api) : PreferencesTests(api);

public abstract class PreferencesTests(ApiFixture api)
{
    private const string _always = """{"quiet":{"from":"00:00","to":"23:59","zone":"UTC"}}""";
    private readonly string _user = ApiFixture.NewUser();

    [Fact]
    public async Task They_are_saved_once_for_each_version()
    {
        using var user = api.Server.User(_user);
        var (none, first) = await Get(user);
        Assert.Equal(("""{"mute":{"types":[],"groups":[],"topics":[]},"quiet":null,"channels":{}}""", "\"0\""), (none, first));
        var (status, saved, second) = await Put(user, """{"mute":{"groups":["g"]}}""", first);
        Assert.Equal((HttpStatusCode.OK, "\"1\"", await Get(user)), (status, second, (saved, second)));
        Assert.Equal(HttpStatusCode.OK, (await Put(user, """{"mute":{"groups":["g"]}}""", first)).Status); // the answer was lost, and it comes again
        Assert.Equal(HttpStatusCode.PreconditionFailed, (await Put(api.Publisher, """{"mute":{"groups":["h"]}}""", first)).Status);
        Assert.Equal(HttpStatusCode.PreconditionFailed, (await Put(api.Publisher, """{"mute":{"groups":["h"]}}""", "W/\"1\"")).Status);
        Assert.Equal(HttpStatusCode.OK, (await Put(api.Publisher, """{"mute":{"groups":["h"]}}""", "\"7\", \"1\"")).Status);
        Assert.Equal((HttpStatusCode.OK, "\"3\""), await Put(api.Publisher, "{}", null) is var all ? (all.Status, all.Tag) : default);
        Assert.Equal((HttpStatusCode.OK, "\"4\""), await Put(api.Publisher, _always, "*") is var any ? (any.Status, any.Tag) : default);
        Assert.Equal(["quiet.zone"], (await ApiFixture.Errors(await user.PutAsync(ApiFixture.Path(_user, "preferences"), ApiFixture.Json("""{"quiet":{"from":"22:00","to":"07:00","zone":"Mars/Olympus"}}""")))).Select(error => error.Key));
        using var other = api.Server.User("somebody else");
        Assert.Equal(HttpStatusCode.Forbidden, (await other.GetAsync(ApiFixture.Path(_user, "preferences"))).StatusCode);
    }

    [Fact]
    public async Task What_is_muted_is_not_stored_and_leaves_its_idempotency_key_free()
    {
        await Put(api.Publisher, """{"mute":{"types":["comment.*"],"groups":["g"]}}""", null);
        Assert.Equal("types", (await Publish("""{"type":"comment.created","title":"T"}""", HttpStatusCode.OK, "key"))["muted"]!.GetValue<string>());
        Assert.Equal("groups", (await Publish("""{"type":"like","title":"T","group":"g"}""", HttpStatusCode.OK))["muted"]!.GetValue<string>());
        Assert.Equal(0, (await api.Get(ApiFixture.Path(_user, "counts")))["total"]!.GetValue<int>());
        await Publish("""{"type":"comment.created","title":"mandatory","mandatory":true}""", HttpStatusCode.Created);
        await Publish("""{"type":"like","title":"T"}""", HttpStatusCode.Created, "key");
        await Put(api.Publisher, "{}", null);
        await Publish("""{"type":"comment.created","title":"T","group":"g"}""", HttpStatusCode.Created);
        Assert.Equal(3, (await api.Get(ApiFixture.Path(_user, "counts")))["total"]!.GetValue<int>());
        var item = (await api.Get(ApiFixture.Path(_user)))["items"]!.AsArray()[2]!;
        Assert.Equal(("mandatory", false), (item["title"]!.GetValue<string>(), item.AsObject().ContainsKey("mandatory")));
    }

    [Fact]
    public async Task A_scheduled_one_is_judged_when_it_comes()
    {
        using var events = await EventReader.Open(api.Publisher, ApiFixture.Path(_user, "stream"));
        Assert.Equal("ready", (await events.Next())!.Value.Name);
        var muted = (await Schedule("comment", 0.3, mandatory: false))["scheduled"]!.GetValue<string>();
        await Schedule("comment", 0.4, mandatory: true);
        await Put(api.Publisher, """{"mute":{"types":["comment"]}}""", null);
        Assert.Equal("mandatory True", await events.NextTitle());
        await Eventually.Is(async () => (await api.Get(ApiFixture.Path(_user, "scheduled")))["items"]!.AsArray().Count == 0, "the muted one to be gone");
        Assert.Equal(HttpStatusCode.NoContent, (await api.Publisher.DeleteAsync(ApiFixture.Path(_user, "scheduled/" + muted))).StatusCode);
        Assert.Equal(1, (await api.Get(ApiFixture.Path(_user, "counts")))["total"]!.GetValue<int>());
    }

    [Fact]
    public async Task In_quiet_hours_it_comes_and_says_that_it_is_silent()
    {
        using var events = await EventReader.Open(api.Publisher, ApiFixture.Path(_user, "stream"));
        Assert.Equal("ready", (await events.Next())!.Value.Name);
        await Put(api.Publisher, _always, null);
        var quiet = TimeOnly.FromDateTime(DateTime.UtcNow).IsBetween(new(0, 0), new(23, 59)); // but for a minute of each day
        await api.Publish(_user);
        Assert.Equal(quiet, (await events.Next())!.Value.Data.TryGetProperty("silent", out var silent) && silent.GetBoolean());
        await api.Publish(_user, """{"type":"t","title":"T","mandatory":true}""");
        Assert.False((await events.Next())!.Value.Data.TryGetProperty("silent", out _));
        using var replay = await EventReader.Open(api.Publisher, ApiFixture.Path(_user, "stream"), "0-0");
        Assert.Equal(quiet, (await replay.Next())!.Value.Data.TryGetProperty("silent", out _));
    }

    [Fact]
    public async Task They_stay_over_an_erase_are_exported_and_go_with_their_person()
    {
        await Put(api.Publisher, """{"mute":{"types":["like"]}}""", null);
        await api.Publish(_user);
        await api.Publisher.PostAsync(ApiFixture.Path(_user, "notifications/read"), ApiFixture.Json("""{"all":true}"""));
        Assert.Equal(HttpStatusCode.NoContent, (await api.Publisher.DeleteAsync(ApiFixture.Path(_user))).StatusCode);
        Assert.Contains("\"like\"", (await Get(api.Publisher)).Json, StringComparison.Ordinal);
        var lines = (await api.Publisher.GetStringAsync(ApiFixture.Path(_user, "export"))).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!).ToList();
        Assert.Equal("like", lines[^2]["preferences"]!["mute"]!["types"]![0]!.GetValue<string>());
        Assert.Equal(HttpStatusCode.NoContent, (await api.Publisher.DeleteAsync($"/v1/users/{_user}")).StatusCode);
        Assert.DoesNotContain("\"like\"", (await Get(api.Publisher)).Json, StringComparison.Ordinal);
    }

    private async Task<JsonNode> Schedule(string type, double seconds, bool mandatory) =>
        await Publish($$"""{"type":"{{type}}","title":"mandatory {{mandatory}}","mandatory":{{(mandatory ? "true" : "false")}},"deliverAt":"{{DateTimeOffset.UtcNow.AddSeconds(seconds):O}}"}""", HttpStatusCode.Accepted);

    private async Task<JsonNode> Publish(string body, HttpStatusCode expected, string? key = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, ApiFixture.Path(_user)) { Content = ApiFixture.Json(body) };
        if (key is not null) request.Headers.Add("Idempotency-Key", key);
        using var response = await api.Publisher.SendAsync(request);
        Assert.Equal(expected, response.StatusCode);
        return await ApiFixture.Body(response);
    }

    private async Task<(string Json, string Tag)> Get(HttpClient client)
    {
        using var response = await client.GetAsync(ApiFixture.Path(_user, "preferences"));
        return (await response.Content.ReadAsStringAsync(), response.Headers.ETag!.ToString());
    }

    private async Task<(HttpStatusCode Status, string Json, string? Tag)> Put(HttpClient client, string body, string? ifMatch)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, ApiFixture.Path(_user, "preferences")) { Content = ApiFixture.Json(body) };
        if (ifMatch is not null) request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        using var response = await client.SendAsync(request);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(), response.Headers.ETag?.ToString());
    }
}
