using System.Globalization;
using System.Text.Json.Nodes;
using StackExchange.Redis;

namespace OrleansInbox.Tests.ClientApi;

/// <summary>A replica that had stopped replicating takes the place of its Redis under a running server.</summary>
public sealed class OlderReplicaTests
{
    [Fact]
    public async Task Counts_are_what_is_listed_and_once_that_is_read_nothing_is_unread()
    {
        await using var first = await RedisServer.Start();
        await using var replica = await RedisServer.Start();
        await using var server = await ApiServer.Start(first.Address);
        using var http = server.Publisher();
        await using var admin = await ConnectionMultiplexer.ConnectAsync(replica.Address + ",allowAdmin=true");
        var there = admin.GetServers()[0];

        var kept = await Publish(http, 12);
        await there.ExecuteAsync("REPLICAOF", "127.0.0.1", first.Port.ToString(CultureInfo.InvariantCulture));
        await Eventually.Is(async () => (int)await there.ExecuteAsync("XLEN", "inbox:{default/ann}:log") == kept.Count, "the replica to have it all");
        await there.ExecuteAsync("REPLICAOF", "NO", "ONE");
        var lost = await Publish(http, 5);
        await Read(http, [kept[0], lost[1]]);
        await first.Kill();
        await there.ConfigSetAsync("port", first.Port);
        await Eventually.Is(async () => (await http.GetAsync(ApiFixture.Path("ann"))).IsSuccessStatusCode, "the server to have the replica");

        Assert.Equal(Enumerable.Reverse(kept), Ids(await Get(http, "notifications?status=all&limit=100")));
        var unread = Ids(await Get(http, "notifications?status=unread&limit=100")).ToList();
        await Counts(http, unread.Count, kept.Count);
        await Read(http, unread);
        await Counts(http, 0, kept.Count);
        Assert.Empty(Ids(await Get(http, "notifications?status=unread")));

        var (after, below) = (Assert.Single(await Publish(http, 1)), lost[^1]);
        Assert.True(NotificationId.TryParse(after, out var id) && NotificationId.TryParse(below, out var last) && id > last, $"{after} is not above {below}.");
        await Counts(http, 1, kept.Count + 1);
        Assert.Equal((string[])[after, .. Enumerable.Reverse(kept)], Ids(await Get(http, "notifications?limit=100")));
    }

    private static async Task<List<string>> Publish(HttpClient http, int count)
    {
        var ids = new List<string>();
        for (var i = 0; i < count; i++)
        {
            using var answer = await http.PostAsync(ApiFixture.Path("ann"), ApiFixture.Json("""{"type":"t","title":"T"}"""));
            answer.EnsureSuccessStatusCode();
            ids.Add((await ApiFixture.Body(answer))["id"]!.GetValue<string>());
        }
        return ids;
    }

    private static async Task Read(HttpClient http, List<string> ids)
    {
        using var answer = await http.PostAsync(ApiFixture.Path("ann", "notifications/read"), ApiFixture.Json(new JsonObject { ["ids"] = new JsonArray([.. ids.Select(id => JsonValue.Create(id))]) }.ToJsonString()));
        answer.EnsureSuccessStatusCode();
    }

    private static async Task Counts(HttpClient http, int unread, int total)
    {
        var counts = await Get(http, "counts");
        Assert.Equal((unread, total), ((int)counts["unread"]!, (int)counts["total"]!));
    }

    private static async Task<JsonNode> Get(HttpClient http, string path)
    {
        using var answer = await http.GetAsync(ApiFixture.Path("ann", path));
        answer.EnsureSuccessStatusCode();
        return await ApiFixture.Body(answer);
    }

    private static IEnumerable<string> Ids(JsonNode page) => page["items"]!.AsArray().Select(item => item!["id"]!.GetValue<string>());
}
