using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Storage;
using OrleansInbox.Storage;
using OrleansInbox.Storage.Sqlite;

namespace OrleansInbox.Tests.Grains.Storage;

public sealed class SqliteGrainStorageTests : StateStoreConformance, IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("inbox-sqlite-");
    private SqliteDatabase? _database;

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    public void Dispose() => _database?.Dispose();

    protected override Task<IGrainStorage> Create()
    {
        _database = new(new() { DataPath = _folder.FullName }, TimeProvider.System, NullLogger<SqliteDatabase>.Instance);
        return Task.FromResult<IGrainStorage>(new SqliteGrainStorage(_database, new JsonStateSerializer()));
    }

    protected override Task Close()
    {
        _database?.Dispose();
        return Task.CompletedTask;
    }
}
