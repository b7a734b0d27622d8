using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansInbox.ClientApi.Access;
using OrleansInbox.Storage;
using OrleansInbox.Storage.Sqlite;

namespace OrleansInbox.Tests.Grains.Storage;

public sealed class SqliteInboxLogTests : InboxLogConformance, IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("inbox-sqlite-");
    private SqliteDatabase? _database;
    private SqliteSession? _intruder;

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    public void Dispose()
    {
        _intruder?.Dispose();
        _database?.Dispose();
    }

    protected override Task<IInboxLog> Create()
    {
        _database = OpenDatabase();
        return Task.FromResult<IInboxLog>(new SqliteInboxLog(_database));
    }

    protected override ValueTask Dispose(IInboxLog log)
    {
        _database?.Dispose();
        return default;
    }

    protected override Task Break()
    {
        _intruder = new(Path.Combine(_folder.FullName, "inbox.db"), readOnly: false);
        _intruder.Execute("BEGIN IMMEDIATE");
        return Task.CompletedTask;
    }

    protected override Task Heal()
    {
        _intruder!.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task A_locked_file_is_said_and_nothing_was_stored()
    {
        await Break();
        var failed = await Assert.ThrowsAsync<StorageUnavailableException>(() => Append(0, Entry(1)));
        await Heal();
        Assert.Contains("is locked by another process", failed.Message, StringComparison.Ordinal);
        Assert.False(failed.Uncertain);
        Assert.Empty(await Seqs());
    }

    [Fact]
    public void A_folder_in_use_is_said()
    {
        var refused = Assert.Throws<StorageUnusableException>(OpenDatabase);
        Assert.Contains($"The data folder {_folder.FullName} is in use by another process", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_of_a_later_version_is_refused()
    {
        await Dispose(Log);
        using (var session = new SqliteSession(Path.Combine(_folder.FullName, "inbox.db"), readOnly: false)) session.Run("PRAGMA user_version = 99");
        Assert.Contains("schema version 99", Assert.Throws<StorageUnusableException>(OpenDatabase).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_of_version_1_goes_on_and_its_keys_are_compared_with_nothing()
    {
        var folder = _folder.CreateSubdirectory("version-1").FullName;
        File.Copy(Fixture(), Path.Combine(folder, "inbox.db"));
        for (var opened = 0; opened < 2; opened++)
        {
            using var database = new SqliteDatabase(new() { DataPath = folder }, new FakeTime(), NullLogger<SqliteDatabase>.Instance);
            var log = new SqliteInboxLog(database);
            var position = await log.Open("default/ann", DateTimeOffset.UnixEpoch);
            Assert.Equal(26 + opened, position.Head);
            var outcomes = await log.Append("default/ann", new(position.Epoch, position.Head, 1, "w", [Entry(1, "k2") with { KeyHash = "a" }, Entry(2, "new") with { KeyHash = "b" }]));
            Assert.Equal((2, true, null), (outcomes[0].Seq, outcomes[0].Replayed, outcomes[0].KeyHash));
            Assert.Equal((27, opened == 1, opened == 1 ? "b" : null), (outcomes[1].Seq, outcomes[1].Replayed, outcomes[1].KeyHash));
        }
    }

    [Fact]
    public async Task A_full_disk_is_said_and_nothing_was_stored()
    {
        await Append(0, Entry(1));
        await _database!.Write(session =>
        {
            session.Run("PRAGMA max_page_count = 1"); // becomes what it has now
            return true;
        });
        var failed = await Assert.ThrowsAsync<StorageUnavailableException>(() => Append(1, Entries(2, 500)));
        Assert.Contains("The disk is full", failed.Message, StringComparison.Ordinal);
        Assert.False(failed.Uncertain);
        Assert.Equal([1], await Seqs());
        await _database.Write(session =>
        {
            session.Run("PRAGMA max_page_count = 1000000");
            return true;
        });
        Assert.Equal(2, (await Append(1, Entry(2)))[0].Seq);
    }

    private static string Fixture([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(here, "../../../../fixtures/before-one-engine/inbox.db"));

    private SqliteDatabase OpenDatabase() => new(new() { DataPath = _folder.FullName }, TimeProvider.System, NullLogger<SqliteDatabase>.Instance);
}
