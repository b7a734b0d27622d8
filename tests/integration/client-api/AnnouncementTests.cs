using System.Net;
using System.Text.Json.Nodes;
using OrleansInbox.Tests.Deployment;

namespace OrleansInbox.Tests.ClientApi;

[Collection(RedisApi.Name)]
public sealed class AnnouncementsOnRedis(RedisApi api) : AnnouncementTests(api);

[Collection(SqliteApi.Name)]
public sealed class AnnouncementsOnSqlite(SqliteApi api) : AnnouncementTests(api);

/// <summary>Announcements over HTTP. Each test retracts its own, so that the inboxes of the others do not get them.</summary>
public abstract class AnnouncementTests(ApiFixture api)
{
    [Fact]
    public async Task Wrong_ones_are_named()
    {
        await Refused("{}", "expiresAt,notification");
        await Refused($$"""{"notification":{"type":"T"},"expiresAt":"{{At(-1)}}","more":1}""", "expiresAt,more,notification.title,notification.type");
        await Refused($$"""{"notification":{"type":"t","title":"T"},"expiresAt":"{{At(24 * 367)}}"}""", "expiresAt");
        await Refused($$"""{"notification":{"type":"t","title":"T","deliverAt":"{{At(1)}}","expiresAt":"{{At(1)}}","fallback":{"after":60},"receipt":true},"expiresAt":"{{At(1)}}"}""",
            "notification.deliverAt,notification.expiresAt,notification.fallback,notification.receipt");
    }

    [Fact]
    public async Task It_is_in_an_inbox_like_any_other_and_gone_when_it_is_retracted()
    {
        var (reader, other) = (ApiFixture.NewUser(), ApiFixture.NewUser());
        var before = await api.Publish(reader);
        var id = await Announce("Maintenance at noon");
        try
        {
            var item = Assert.Single(await Items(other))!;
            Assert.Equal(("Maintenance at noon", false), (item["title"]!.GetValue<string>(), item["read"]!.GetValue<bool>()));
            var one = await api.Get("/v1/announcements/" + id);
            Assert.Equal((id, "Maintenance at noon", true), (one["id"]!.GetValue<string>(), one["notification"]!["title"]!.GetValue<string>(), one["newcomers"]!.GetValue<bool>()));
            Assert.Contains((await api.Get("/v1/announcements"))["items"]!.AsArray(), listed => listed!["id"]!.GetValue<string>() == id);
            // One in memory looks each second.
            await Eventually.Is(async () => (await Items(reader)).Length == 2, "an inbox in memory takes it in");
            Assert.Equal(before, (await Items(reader))[1]!["id"]!.GetValue<string>());
        }
        finally
        {
            Assert.Equal(HttpStatusCode.NoContent, (await api.Publisher.DeleteAsync("/v1/announcements/" + id)).StatusCode);
        }
        await Eventually.Is(async () => (await Items(reader)).Length == 1 && (await Items(other)).Length == 0, "it is removed");
        Assert.Equal(HttpStatusCode.NotFound, (await api.Publisher.GetAsync("/v1/announcements/" + id)).StatusCode);
    }

    [Fact]
    public async Task A_stream_gets_it_live_and_the_counts_follow()
    {
        var user = ApiFixture.NewUser();
        using var events = await EventReader.Open(api.Publisher, ApiFixture.Path(user, "stream"));
        Assert.Equal("ready", (await events.Next())!.Value.Name);
        var id = await Announce("Live");
        try
        {
            await Eventually.Is(async () => (await api.Get(ApiFixture.Path(user, "counts")))["total"]!.GetValue<int>() == 1, "a look at the inbox, as each renewal of the watch is one");
            var (name, data) = (await events.Next())!.Value;
            Assert.Equal(("added", "Live"), (name, data.GetProperty("item").GetProperty("title").GetString()));
            Assert.Equal(HttpStatusCode.OK, (await api.Publisher.PostAsync(ApiFixture.Path(user, "notifications/read"), ApiFixture.Json("""{"all":true}"""))).StatusCode);
            await Eventually.Is(async () => await api.Get("/v1/announcements/" + id) is var one && one["read"]!.GetValue<int>() >= 1 && one["seen"]!.GetValue<int>() >= 1 && one["delivered"]!.GetValue<int>() >= 1, "the receipts");
        }
        finally
        {
            await api.Publisher.DeleteAsync("/v1/announcements/" + id);
        }
    }

    [Fact]
    public async Task Repeated_with_its_key_it_is_the_same_one_and_the_key_takes_no_other()
    {
        var body = $$"""{"notification":{"type":"t","title":"Once"},"expiresAt":"{{At(1)}}","newcomers":false}""";
        var key = Guid.NewGuid().ToString();
        var (status, first, _) = await Post(body, key);
        try
        {
            Assert.Equal(201, status);
            Assert.Equal((200, first["id"]!.GetValue<string>(), true), await Post(body, key) is var again ? (again.Status, again.Body["id"]!.GetValue<string>(), again.Replayed) : default);
            Assert.Equal(422, (await Post(body.Replace("Once", "Twice", StringComparison.Ordinal), key)).Status);
        }
        finally
        {
            await api.Publisher.DeleteAsync("/v1/announcements/" + first["id"]!.GetValue<string>());
        }
    }

    [Fact]
    public async Task It_is_for_publishers_and_each_tenant_has_its_own()
    {
        using var user = api.Server.User(ApiFixture.NewUser());
        Assert.Equal(HttpStatusCode.Forbidden, (await user.GetAsync("/v1/announcements")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await api.Publisher.DeleteAsync("/v1/announcements/1")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await api.Publisher.GetAsync("/v1/announcements/x")).StatusCode);
    }

    private async Task<string> Announce(string title)
    {
        var (status, body, _) = await Post($$"""{"notification":{"type":"t","title":"{{title}}"},"expiresAt":"{{At(1)}}"}""");
        Assert.Equal(201, status);
        return body["id"]!.GetValue<string>();
    }

    private async Task<JsonNode?[]> Items(string user) => [.. (await api.Get(ApiFixture.Path(user, "notifications")))["items"]!.AsArray()];

    private async Task Refused(string body, string fields)
    {
        var answer = await api.Publisher.PostAsync("/v1/announcements", ApiFixture.Json(body));
        Assert.Equal(fields, string.Join(',', (await ApiFixture.Errors(answer)).Select(field => field.Key).Order(StringComparer.Ordinal)));
    }

    private async Task<(int Status, JsonNode Body, bool Replayed)> Post(string body, string? key = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/announcements") { Content = ApiFixture.Json(body) };
        if (key is not null) request.Headers.Add("Idempotency-Key", key);
        using var answer = await api.Publisher.SendAsync(request);
        return ((int)answer.StatusCode, await ApiFixture.Body(answer), answer.Headers.Contains("Idempotent-Replayed"));
    }

    private static string At(double hours) => DateTimeOffset.UtcNow.AddHours(hours).ToString("O");
}
