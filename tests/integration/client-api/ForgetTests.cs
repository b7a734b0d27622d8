using System.Text.Json.Nodes;
using OrleansInbox.Tests.Deployment;

namespace OrleansInbox.Tests.ClientApi;

[Collection(RedisApi.Name)]
public sealed class ForgetOnRedis(RedisApi api) : ForgetTests(api);

[Collection(SqliteApi.Name)]
public sealed class ForgetOnSqlite(SqliteApi api) : ForgetTests(api);

/// <summary>A person takes what is kept of them, and is forgotten.</summary>
public abstract class ForgetTests(ApiFixture api)
{
    private readonly string _user = ApiFixture.NewUser() + " ü/{x}";

    [Fact]
    public async Task An_export_has_each_notification_with_its_flags_and_the_marks()
    {
        var ids = (await Task.WhenAll(Enumerable.Range(0, 230).Select(i => api.Publish(_user, $$"""{"type":"t","title":"“{{i}}” 🙂","data":[{{i}}]}""")))).OrderBy(id => Parse(id).Seq).ToList();
        await Mark("read", $$"""{"upTo":"{{ids[9]}}"}""");
        await Mark("seen", $$"""{"upTo":"{{ids[19]}}"}""");
        await Mark("archive", $$"""{"ids":["{{ids[15]}}"]}""");
        await Mark("delete", $$"""{"ids":["{{ids[3]}}","{{ids[229]}}"]}""");

        using var user = api.Server.User(_user);
        var lines = (await user.GetStringAsync(ApiFixture.Path("me", "export"))).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!).ToList();
        var counts = await api.Get(ApiFixture.Path(_user, "counts"));
        Assert.Equal((_user, "default", 1), ((string)lines[0]["user"]!, (string)lines[0]["tenant"]!, (int)lines[0]["version"]!));
        Assert.True(JsonNode.DeepEquals(counts, lines[0]["counts"]));
        Assert.True(JsonNode.DeepEquals(counts, lines[^1]["counts"]));
        var marks = lines[^1]["marks"]!;
        Assert.Equal(("1-10,230", 20, "4,16,230", "4,230"), ((string)marks["read"]!, (int)marks["seen"]!, (string)marks["archived"]!, (string)marks["deleted"]!));
        Assert.Equal(ids.Except([ids[3], ids[229]]), lines.Skip(1).SkipLast(1).Select(item => (string)item["id"]!));
        foreach (var item in new[] { lines[1], lines[10], lines[15], lines[200] })
            Assert.True(JsonNode.DeepEquals(await api.Get(ApiFixture.Path(_user, $"notifications/{item["id"]}")), item), item.ToJsonString());
    }

    [Fact]
    public async Task The_export_of_nothing_says_so()
    {
        var lines = (await api.Publisher.GetStringAsync(ApiFixture.Path(_user, "export"))).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, lines.Length);
        Assert.Equal(0, (int)JsonNode.Parse(lines[0])!["counts"]!["total"]!);
        using var other = api.Server.User("somebody else");
        Assert.Equal(403, (int)(await other.GetAsync(ApiFixture.Path(_user, "export"))).StatusCode);
        using var head = await api.Publisher.SendAsync(new(HttpMethod.Head, ApiFixture.Path(_user, "export")));
        Assert.Equal(200, (int)head.StatusCode);
    }

    [Fact]
    public async Task Who_is_forgotten_has_nothing_and_readers_are_told()
    {
        var path = ApiFixture.Path(_user);
        var first = await PublishOnce("once");
        await Mark("read", """{"all":true}""");
        using var events = await EventReader.Open(api.Publisher, ApiFixture.Path(_user, "stream"));
        Assert.Equal("ready", (await events.Next())!.Value.Name);
        using var user = api.Server.User(_user);
        Assert.Equal(403, (int)(await user.DeleteAsync(Root)).StatusCode);

        Assert.Equal(204, (int)(await api.Publisher.DeleteAsync(Root)).StatusCode);
        Assert.Equal("reset", (await events.Next())!.Value.Name);
        var counts = await api.Get(ApiFixture.Path(_user, "counts"));
        Assert.Equal((0, 0, null), ((int)counts["total"]!, (int)counts["unread"]!, counts["head"]));
        Assert.Empty((await api.Get(path + "?status=all"))["items"]!.AsArray());
        Assert.Equal(404, (int)(await api.Publisher.GetAsync($"{path}/{first}")).StatusCode);

        var next = await PublishOnce("once");
        Assert.True(Parse(next).Epoch > Parse(first).Epoch && Parse(next).Seq == 1, $"{next} after {first}");
        while ((await events.Next())!.Value is var (name, data) && name != "added") Assert.Contains(name, (string[])["ready", "reset"]);
        Assert.Equal(1, (int)(await api.Get(ApiFixture.Path(_user, "counts")))["unread"]!);
        await Mark("read", """{"all":true}""");
        Assert.Equal(0, (int)(await api.Get(ApiFixture.Path(_user, "counts")))["unread"]!);
        Assert.Equal(204, (int)(await api.Publisher.DeleteAsync(Root)).StatusCode);
        Assert.Equal(204, (int)(await api.Publisher.DeleteAsync(Root)).StatusCode);
        Assert.Equal(400, (int)(await api.Publisher.DeleteAsync(Root + "?now=true")).StatusCode);
    }

    [Fact]
    public async Task Publishes_go_on_while_the_person_is_forgotten()
    {
        var publishing = Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < 40; i++) await api.Publish(_user);
        })));
        while (!publishing.IsCompleted) Assert.Equal(204, (int)(await api.Publisher.DeleteAsync(Root)).StatusCode);
        await publishing;
    }

    private string Root => $"/v1/users/{Uri.EscapeDataString(_user)}";

    private async Task<string> PublishOnce(string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, ApiFixture.Path(_user)) { Content = ApiFixture.Json("""{"type":"t","title":"T"}""") };
        request.Headers.Add("Idempotency-Key", key);
        using var answer = await api.Publisher.SendAsync(request);
        Assert.Equal(201, (int)answer.StatusCode);
        return (string)(await ApiFixture.Body(answer))["id"]!;
    }

    private async Task Mark(string action, string json)
    {
        using var answer = await api.Publisher.PostAsync(ApiFixture.Path(_user, "notifications/" + action), ApiFixture.Json(json));
        Assert.Equal(200, (int)answer.StatusCode);
    }

    private static NotificationId Parse(string id) => NotificationId.TryParse(id, out var parsed) ? parsed : throw new FormatException(id);
}
