using System.Text.Json.Nodes;
using OrleansInbox.Tests.Deployment;
using StackExchange.Redis;

namespace OrleansInbox.Tests.ClientApi;

public sealed class LostTailOnSqliteTests : LostTailTests
{
    protected override Task<string?> Storage() => Task.FromResult<string?>(null);

    protected override Task Save()
    {
        foreach (var file in Data.GetFiles("inbox.*")) file.CopyTo(Path.Combine(Saved.FullName, file.Name));
        return Task.CompletedTask;
    }

    protected override Task SetBack(bool quietly)
    {
        foreach (var file in Data.GetFiles("inbox.db*")) file.Delete();
        foreach (var file in Saved.GetFiles(quietly ? "*" : "inbox.db*")) file.CopyTo(Path.Combine(Data.FullName, file.Name), overwrite: true);
        return Task.CompletedTask;
    }
}

public sealed class LostTailOnRedisTests : LostTailTests
{
    private readonly Dictionary<RedisKey, byte[]> _keys = [];
    private RedisServer _redis = null!;

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        await _redis.DisposeAsync();
    }

    protected override async Task<string?> Storage()
    {
        _redis ??= await RedisServer.Start();
        return _redis.Address;
    }

    protected override async Task Save()
    {
        await using (var redis = await ConnectionMultiplexer.ConnectAsync(_redis.Address))
            foreach (var key in redis.GetServers()[0].Keys(pattern: "inbox:*")) _keys[key] = (await redis.GetDatabase().KeyDumpAsync(key))!;
        _redis.Backup(Saved);
    }

    protected override async Task SetBack(bool quietly)
    {
        if (!quietly)
        {
            await _redis.SetBack(Saved);
            return;
        }
        await using var redis = await ConnectionMultiplexer.ConnectAsync(_redis.Address);
        foreach (var (key, dump) in _keys)
        {
            if (key == "inbox:storage") continue; // it is the same run
            await redis.GetDatabase().KeyDeleteAsync(key);
            await redis.GetDatabase().KeyRestoreAsync(key, dump);
        }
    }
}

/// <summary>Storage comes back without its newest entries: no id is ever that of two notifications, and whoever has one of the lost is told to load anew.</summary>
public abstract class LostTailTests : IAsyncLifetime
{
    private ApiServer _server = null!;
    private HttpClient _publisher = null!;

    protected DirectoryInfo Data { get; } = Directory.CreateTempSubdirectory("inbox-lost-");
    protected DirectoryInfo Saved { get; } = Directory.CreateTempSubdirectory("inbox-saved-");

    /// <summary>For <c>ConnectionStrings:Redis</c>; null for SQLite.</summary>
    protected abstract Task<string?> Storage();

    protected abstract Task Save();

    /// <param name="quietly">Nothing but a client can know it: the same run of Redis, the whole folder.</param>
    protected abstract Task SetBack(bool quietly);

    public Task InitializeAsync() => Start();

    public virtual async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        Data.Delete(recursive: true);
        Saved.Delete(recursive: true);
    }

    [Fact]
    public async Task Who_comes_back_with_a_lost_id_loads_anew_and_gets_what_is_published_then()
    {
        var (kept, lost) = await Lose(quietly: true);

        using var events = await EventReader.Open(_publisher, ApiFixture.Path("ann", "stream"), lost[^1]);
        Assert.False(await Resumed(events));
        var published = await Publish(5);
        foreach (var id in published) Assert.Equal(id, (await Added(events)).ToString());
        AllAbove(lost, published);
        await Lists([.. kept, .. published]);

        using var again = await EventReader.Open(_publisher, ApiFixture.Path("ann", "stream"), lost[1]); // another client, which saw less
        for (var i = 0; i < published.Count; i++) await Added(again);
        Assert.False(await Resumed(again));
        using var whole = await EventReader.Open(_publisher, ApiFixture.Path("ann", "stream"), published[^1]);
        Assert.True(await Resumed(whole));
    }

    [Fact]
    public async Task Who_polls_from_a_lost_id_gets_what_is_published_then()
    {
        var (_, lost) = await Lose(quietly: true);

        Assert.Empty(Ids(await Get($"notifications?after={lost[^1]}")));
        var published = await Publish(3);
        AllAbove(lost, published);
        Assert.Equal(Enumerable.Reverse(published), Ids(await Get($"notifications?after={lost[^1]}")));
    }

    [Fact]
    public async Task What_is_published_before_anybody_comes_back_has_other_ids()
    {
        var (kept, lost) = await Lose(quietly: false);

        var published = await Publish(5);
        AllAbove(lost, published);
        await Lists([.. kept, .. published]);
        using var events = await EventReader.Open(_publisher, ApiFixture.Path("ann", "stream"), lost[^1]);
        foreach (var id in published) Assert.Equal(id, (await Added(events)).ToString());
        Assert.False(await Resumed(events));
        using var whole = await EventReader.Open(_publisher, ApiFixture.Path("ann", "stream"), kept[^1]); // it had seen nothing of what was lost
        for (var i = 0; i < published.Count; i++) await Added(whole);
        Assert.True(await Resumed(whole));

        await Restart(); // once is enough
        Assert.Equal(Parse(published[^1]).Seq + 1, Parse((await Publish(1))[0]).Seq);
    }

    /// <summary>Five that are kept, five that are lost.</summary>
    private async Task<(List<string> Kept, List<string> Lost)> Lose(bool quietly)
    {
        var kept = await Publish(5);
        using (var answer = await _publisher.PostAsync(ApiFixture.Path("ann", "notifications/read"), ApiFixture.Json($$"""{"ids":["{{kept[0]}}"]}"""))) answer.EnsureSuccessStatusCode();
        await _server.DisposeAsync();
        await Save();
        await Start();
        var lost = await Publish(5);
        Assert.Equal(Enumerable.Range(1, 10).Select(seq => (long)seq), kept.Concat(lost).Select(id => Parse(id).Seq));
        await _server.DisposeAsync();
        await SetBack(quietly);
        await Start();
        return (kept, lost);
    }

    private async Task Lists(List<string> ids)
    {
        var page = await Get("notifications?limit=100");
        Assert.Equal(Enumerable.Reverse(ids), Ids(page));
        Assert.Equal((ids.Count, ids.Count - 1), ((int)page["counts"]!["total"]!, (int)page["counts"]!["unread"]!));
        Assert.Equal(ids.Count - 1, Ids(await Get("notifications?status=unread&limit=100")).Count());
    }

    private async Task Start()
    {
        _server = await ApiServer.Start(await Storage(), settings: $"Inbox:DataPath={Data.FullName}");
        _publisher = _server.Publisher();
    }

    private async Task Restart()
    {
        await _server.DisposeAsync();
        await Start();
    }

    private async Task<List<string>> Publish(int count)
    {
        var ids = new List<string>();
        for (var i = 0; i < count; i++)
        {
            using var answer = await _publisher.PostAsync(ApiFixture.Path("ann"), ApiFixture.Json("""{"type":"t","title":"T"}"""));
            answer.EnsureSuccessStatusCode();
            ids.Add((await ApiFixture.Body(answer))["id"]!.GetValue<string>());
        }
        return ids;
    }

    private async Task<JsonNode> Get(string path)
    {
        using var answer = await _publisher.GetAsync(ApiFixture.Path("ann", path));
        answer.EnsureSuccessStatusCode();
        return await ApiFixture.Body(answer);
    }

    private static async Task<bool> Resumed(EventReader events)
    {
        var (name, data) = (await events.Next())!.Value;
        Assert.Equal("ready", name);
        return data.GetProperty("resumed").GetBoolean();
    }

    private static async Task<NotificationId> Added(EventReader events)
    {
        var (name, _) = (await events.Next())!.Value;
        Assert.Equal("added", name);
        return Parse(events.LastId!);
    }

    private static void AllAbove(List<string> lost, List<string> published) => Assert.All(published, id => Assert.True(Parse(id) > Parse(lost[^1]), $"{id} is not above {lost[^1]}."));

    private static IEnumerable<string> Ids(JsonNode page) => page["items"]!.AsArray().Select(item => item!["id"]!.GetValue<string>());

    private static NotificationId Parse(string id) => NotificationId.TryParse(id, out var parsed) ? parsed : throw new FormatException(id);
}
