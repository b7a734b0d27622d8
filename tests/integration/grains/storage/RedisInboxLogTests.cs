using Microsoft.Extensions.Logging.Abstractions;
using OrleansInbox.Storage;
using OrleansInbox.Storage.Redis;

namespace OrleansInbox.Tests.Grains.Storage;

/// <summary>One Redis for the tests of a class; every test has an inbox of its own.</summary>
public sealed class RedisFixture : IAsyncLifetime
{
    public RedisServer Server { get; private set; } = null!;

    public async Task InitializeAsync() => Server = await RedisServer.Start();

    public async Task DisposeAsync() => await Server.DisposeAsync();
}

public sealed class RedisInboxLogTests(RedisFixture redis) : InboxLogConformance, IClassFixture<RedisFixture>
{
    private readonly InboxOptions _options = new() { StorageTimeout = TimeSpan.FromSeconds(4) }; // what is tested here is not how long a busy machine takes

    private readonly Dictionary<IInboxLog, RedisConnection> _connections = [];

    protected override Task<IInboxLog> Create()
    {
        var connection = new RedisConnection(redis.Server.Address, _options.StorageTimeout, TimeProvider.System, NullLogger<RedisConnection>.Instance);
        var log = new RedisInboxLog(connection, _options);
        _connections.Add(log, connection);
        return Task.FromResult<IInboxLog>(log);
    }

    protected override ValueTask Dispose(IInboxLog log) => _connections[log].DisposeAsync();

    protected override Task Break()
    {
        redis.Server.Freeze();
        return Task.CompletedTask;
    }

    protected override async Task Heal()
    {
        redis.Server.Thaw();
        await Eventually.Succeeds(Log.Ping, "Redis to answer again after SIGCONT");
    }
}
