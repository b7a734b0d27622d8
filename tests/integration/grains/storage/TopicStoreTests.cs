using Microsoft.Extensions.Logging.Abstractions;
using OrleansInbox.Storage;
using OrleansInbox.Storage.Redis;
using OrleansInbox.Storage.Sqlite;

namespace OrleansInbox.Tests.Grains.Storage;

public sealed class RedisTopicStoreTests(RedisFixture redis) : TopicStoreConformance, IClassFixture<RedisFixture>, IDisposable
{
    private readonly RedisConnection _connection = new(redis.Address, TimeSpan.FromSeconds(4), TimeProvider.System, NullLogger<RedisConnection>.Instance);

    protected override Task<ITopicStore> Create() => Task.FromResult<ITopicStore>(new RedisTopicStore(_connection, Time.GetUtcNow, Limits));

    public override async Task DisposeAsync() => await _connection.DisposeAsync();

    public void Dispose() { } // done above

    [Fact]
    public async Task What_a_process_that_died_left_beside_an_inbox_is_neither_told_nor_counted()
    {
        var (inbox, database) = (InboxKey.Of(Tenant, "ann"), (await _connection.Multiplexer).GetDatabase());
        foreach (var name in (string[])["a", "b", "c"]) await database.SortedSetAddAsync(RedisKeys.TopicsOf(inbox), name, 0); // before the topics
        Assert.Empty(await Store.TopicsOf(inbox));
        await Store.Change(Topic("d"), ["ann"], [], onlyIfOpen: false);
        Assert.Equal(["d"], await Store.TopicsOf(inbox));
        await database.SortedSetAddAsync(RedisKeys.Subscribers(Topic("b")), "ann", 0); // its end comes after all
        Assert.Equal(["b", "d"], await Store.TopicsOf(inbox));
        await Store.Forget(inbox);
        Assert.Empty((await database.SortedSetRangeByRankAsync(RedisKeys.Subscribers(Topic("b")))));
        Assert.False(await database.KeyExistsAsync(RedisKeys.TopicsOf(inbox)));
    }

    [Fact]
    public async Task What_nobody_needs_any_more_runs_out()
    {
        var database = (await _connection.Multiplexer).GetDatabase();
        await Store.Change(Topic(), ["ann"], [], onlyIfOpen: false);
        await Add(Publish("x"), "key");
        Assert.Null(await database.KeyTimeToLiveAsync(RedisKeys.Job(Topic(), 1)));
        Assert.Null(await database.KeyTimeToLiveAsync(RedisKeys.TopicsOf(InboxKey.Of(Tenant, "ann"))));
        await Store.Advance(Topic(), (await Store.NextJob(Topic()))!, default, next: null);
        await Store.Change(Topic(), [], ["ann"], onlyIfOpen: false);
        Assert.InRange((await database.KeyTimeToLiveAsync(RedisKeys.Job(Topic(), 1)))!.Value.TotalDays, 6.9, 7);
        Assert.InRange((await database.KeyTimeToLiveAsync(RedisKeys.JobKey(Topic(), "key")))!.Value.TotalHours, 23.9, 24);
        Assert.InRange((await database.KeyTimeToLiveAsync(RedisKeys.TopicsOf(InboxKey.Of(Tenant, "ann"))))!.Value.TotalDays, 89.9, 90);
        Assert.InRange((await database.KeyTimeToLiveAsync(RedisKeys.Topic(Topic())))!.Value.TotalDays, 399, 400);
        await Store.SetOpen(Topic(), isOpen: true);
        Assert.Null(await database.KeyTimeToLiveAsync(RedisKeys.Topic(Topic())));
    }
}

public sealed class SqliteTopicStoreTests : TopicStoreConformance, IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("inbox-topics-");
    private SqliteDatabase? _database;

    protected override Task<ITopicStore> Create()
    {
        _database = new SqliteDatabase(new InboxOptions { DataPath = _folder.FullName }, Time, NullLogger<SqliteDatabase>.Instance, new SteadyClock(Time, NullLogger<SteadyClock>.Instance));
        return Task.FromResult<ITopicStore>(new SqliteTopicStore(_database, Limits));
    }

    public override Task DisposeAsync() => Task.CompletedTask;

    public void Dispose()
    {
        _database!.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Jobs_and_keys_are_gone_when_their_time_is_up()
    {
        await Store.Change(Topic(), ["ann"], [], onlyIfOpen: false);
        await Add(Publish("x"), "key");
        await Store.Advance(Topic(), (await Store.NextJob(Topic()))!, default, next: null);
        Time.Move(TimeSpan.FromDays(7.1));
        Assert.Null(await Store.Job(Topic(), 1));
        Assert.Equal(new AddedTopicJob(2, 1, null), await Add(Publish("y"), "key"));
    }
}
