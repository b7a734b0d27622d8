using Microsoft.Extensions.Logging.Abstractions;
using OrleansInbox.Storage;
using OrleansInbox.Storage.Redis;

namespace OrleansInbox.Tests.Grains.Storage;

/// <summary>One Redis for the tests of a class; every test has an inbox of its own. With <c>INBOX_REDIS_CLUSTER=1</c> in the environment it is a Redis Cluster.</summary>
public sealed class RedisFixture : IAsyncLifetime
{
    private RedisCluster? _cluster;
    private RedisServer? _server;

    public static bool IsCluster => Environment.GetEnvironmentVariable("INBOX_REDIS_CLUSTER") == "1";

    public string Address => _cluster?.Address ?? _server!.Address;

    public IEnumerable<RedisServer> Servers => _cluster?.Nodes ?? [_server!];

    public async Task InitializeAsync()
    {
        if (IsCluster) _cluster = await RedisCluster.Start(nodeTimeout: 60_000); // nobody takes over
        else _server = await RedisServer.Start();
    }

    public async Task DisposeAsync()
    {
        if (_cluster is not null) await _cluster.DisposeAsync();
        if (_server is not null) await _server.DisposeAsync();
    }
}

public sealed class RedisInboxLogTests(RedisFixture redis) : InboxLogConformance, IClassFixture<RedisFixture>
{
    private readonly InboxOptions _options = new() { StorageTimeout = TimeSpan.FromSeconds(4) }; // what is tested here is not how long a busy machine takes

    private readonly Dictionary<IInboxLog, RedisConnection> _connections = [];

    protected override Task<IInboxLog> Create()
    {
        var connection = new RedisConnection(redis.Address, _options.StorageTimeout, TimeProvider.System, NullLogger<RedisConnection>.Instance);
        var log = new RedisInboxLog(connection, _options);
        _connections.Add(log, connection);
        return Task.FromResult<IInboxLog>(log);
    }

    [Fact]
    public override async Task A_log_that_lost_its_end_goes_on_above_it()
    {
        if (!RedisFixture.IsCluster)
        {
            await base.A_log_that_lost_its_end_goes_on_above_it();
            return;
        }
        await Append(0, Entry(1)); // where a replica may take over, the writer is told, and skips
        await Assert.ThrowsAsync<LogConflictException>(() => Append(9, Entry(10)));
        Assert.Equal([1], await Seqs());
    }

    [Fact]
    public async Task Logs_that_are_opened_at_the_same_time_each_have_their_own_answer()
    {
        string[] inboxes = [.. Enumerable.Range(0, 300).Select(n => $"{Inbox}-{n}")];
        await Task.WhenAll(inboxes.Select((inbox, n) => n % 3 == 0 ? Task.CompletedTask : Log.Append(inbox, new(Epoch + n, 0, 0, "w1", [.. Entries(1, n % 7 + 1), Entry(9, expiresAt: Birth.AddDays(n + 1))]))));
        var database = (await _connections[Log].Multiplexer).GetDatabase();
        await database.StringSetAsync(RedisKeys.Log(inboxes[150]), "somebody else's");

        var opened = inboxes.Select((inbox, n) => Log.Open(inbox, n % 2 == 0 ? Birth.AddSeconds(2) : default)).ToArray();
        await Assert.ThrowsAsync<StorageUnavailableException>(() => opened[150]);
        for (var n = 0; n < inboxes.Length; n++)
        {
            if (n == 150) continue;
            var position = await opened[n];
            if (n % 3 == 0) Assert.Equal(LogPosition.None, position);
            else Assert.Equal((Epoch + n, n % 7 + 2, n % 2 == 0 ? 2 : 1, Birth.AddDays(n + 1)), (position.Epoch, position.Head, position.First!.Value.Seq, Assert.Single(position.Expiries).At));
        }
    }

    [Fact]
    public async Task A_Redis_that_has_forgotten_the_scripts_is_sent_them()
    {
        await Append(0, Entry(1));
        foreach (var server in (await _connections[Log].Multiplexer).GetServers()) await server.ExecuteAsync("SCRIPT", "FLUSH");
        await Task.WhenAll(Enumerable.Range(0, 50).Select(n => Log.Append($"{Inbox}-{n}", new(Epoch, 0, 0, "w1", [Entry(1)]))));
        await Append(1, Entry(2));
        foreach (var server in (await _connections[Log].Multiplexer).GetServers()) await server.ExecuteAsync("SCRIPT", "FLUSH");
        Assert.Equal(2, (await Open()).Head);
    }

    protected override async Task WithoutTrimmedKeys()
    {
        var database = (await _connections[Log].Multiplexer).GetDatabase();
        var keys = await database.SortedSetRangeByRankWithScoresAsync(RedisKeys.Collapse(Inbox));
        Assert.Equal([.. Enumerable.Range(300, 101).Select(seq => (double)seq), 401], keys.Select(key => key.Score).Order());
    }

    protected override ValueTask Dispose(IInboxLog log) => _connections[log].DisposeAsync();

    protected override Task Break()
    {
        foreach (var server in redis.Servers) server.Freeze();
        return Task.CompletedTask;
    }

    protected override async Task Heal()
    {
        foreach (var server in redis.Servers) server.Thaw();
        await Eventually.Succeeds(Log.Ping, "Redis to answer again after SIGCONT");
    }
}
