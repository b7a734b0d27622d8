using Microsoft.Extensions.Logging.Abstractions;
using OrleansInbox.Storage;
using OrleansInbox.Storage.Redis;
using OrleansInbox.Storage.Sqlite;

namespace OrleansInbox.Tests.Grains.Storage;

public sealed class RedisWaitingStoreTests(RedisFixture redis) : WaitingStoreConformance, IClassFixture<RedisFixture>, IDisposable
{
    private readonly InboxOptions _options = new() { StorageTimeout = TimeSpan.FromSeconds(4) };
    private RedisConnection? _connection;

    protected override Task<(IInboxLog, IWaitingStore)> Create()
    {
        _connection = new RedisConnection(redis.Address, _options.StorageTimeout, TimeProvider.System, NullLogger<RedisConnection>.Instance);
        return Task.FromResult<(IInboxLog, IWaitingStore)>((new RedisInboxLog(_connection, _options), new RedisWaitingStore(_connection, _options, TimeProvider.System)));
    }

    public override async Task DisposeAsync() => await _connection!.DisposeAsync();

    public void Dispose() { } // done above
}

public sealed class SqliteWaitingStoreTests : WaitingStoreConformance, IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("inbox-waiting-");
    private SqliteDatabase? _database;

    protected override Task<(IInboxLog, IWaitingStore)> Create()
    {
        _database = new SqliteDatabase(new InboxOptions { DataPath = _folder.FullName }, TimeProvider.System, NullLogger<SqliteDatabase>.Instance, new SteadyClock(TimeProvider.System, NullLogger<SteadyClock>.Instance));
        return Task.FromResult<(IInboxLog, IWaitingStore)>((new SqliteInboxLog(_database), new SqliteWaitingStore(_database)));
    }

    public override Task DisposeAsync() => Task.CompletedTask;

    public void Dispose()
    {
        _database!.Dispose();
        _folder.Delete(recursive: true);
    }
}
