using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans;
using Orleans.Runtime;
using Orleans.Storage;
using OrleansInbox.Storage;
using OrleansInbox.Storage.Redis;
using OrleansInbox.Storage.Sqlite;

namespace OrleansInbox.Tests.Grains.Storage;

public sealed class SqliteInboxArchiveTests : InboxArchiveConformance
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("inbox-archive-");
    private readonly List<IDisposable> _opened = [];

    protected override (IInboxLog, IInboxArchive, IGrainStorage, IWaitingStore) Create()
    {
        var options = new InboxOptions { DataPath = _folder.FullName };
        var database = new SqliteDatabase(options, TimeProvider.System, NullLogger<SqliteDatabase>.Instance);
        var archive = new SqliteInboxArchive(options, TimeProvider.System, database);
        _opened.AddRange([archive, database]);
        return (new SqliteInboxLog(database), archive, new SqliteGrainStorage(database, new JsonStateSerializer()), new SqliteWaitingStore(database));
    }

    public override Task DisposeAsync()
    {
        foreach (var one in _opened) one.Dispose();
        _folder.Delete(recursive: true);
        return Task.CompletedTask;
    }
}

public sealed class RedisInboxArchiveTests(RedisFixture redis) : InboxArchiveConformance, IClassFixture<RedisFixture>
{
    private readonly List<IAsyncDisposable> _opened = [];

    protected override (IInboxLog, IInboxArchive, IGrainStorage, IWaitingStore) Create()
    {
        var options = new InboxOptions { StorageTimeout = TimeSpan.FromSeconds(4) };
        var connection = new RedisConnection(redis.Address, options.StorageTimeout, TimeProvider.System, NullLogger<RedisConnection>.Instance);
        _opened.Add(connection);
        return (new RedisInboxLog(connection, options), new RedisInboxArchive(connection, options, TimeProvider.System), new RedisStateStorage(connection, new JsonStateSerializer()), new RedisWaitingStore(connection, options, TimeProvider.System));
    }

    public override async Task DisposeAsync()
    {
        foreach (var one in _opened) await one.DisposeAsync();
    }
}

/// <summary>What <see cref="IInboxArchive"/> promises; every backend passes all of it.</summary>
public abstract class InboxArchiveConformance : IAsyncLifetime
{
    private const long Epoch = 1_766_000_000_000;
    private static readonly DateTimeOffset _birth = DateTimeOffset.FromUnixTimeMilliseconds(Epoch);
    private static readonly TimeSpan _keep = TimeSpan.FromDays(1);
    private static int _inboxes;

    private readonly string _inbox = InboxKey.Of("t/ü", $"user {Interlocked.Increment(ref _inboxes)} 🙂");

    private string Copy => _inbox + "-copy";
    private IInboxLog Log { get; set; } = null!;
    protected IInboxArchive Archive { get; private set; } = null!;
    private IGrainStorage States { get; set; } = null!;
    private IWaitingStore Store { get; set; } = null!;

    protected abstract (IInboxLog Log, IInboxArchive Archive, IGrainStorage States, IWaitingStore Waiting) Create();

    public Task InitializeAsync()
    {
        (Log, Archive, States, Store) = Create();
        return Task.CompletedTask;
    }

    public abstract Task DisposeAsync();

    [Fact]
    public async Task An_inbox_is_restored_as_it_was_read()
    {
        await Append(0, Entry(1), Entry(2, expiresAt: _birth.AddDays(9)), Entry(3), Entry(4), Entry(5));
        await Log.Delete(_inbox, Epoch, [3, 5]);
        await Log.Skip(_inbox, Epoch, 5, 9);
        await Mark(_inbox);
        var read = (await Archive.Read(_inbox))!;
        Assert.Equal((Epoch, 9, false, "6-9"), (read.Epoch, read.Head, read.IsErased, read.Skipped.ToString()));
        Assert.Equal([(1, null), (2, _birth.AddDays(9).ToUnixTimeMilliseconds()), (4, null)], read.Entries.Select(entry => (entry.Seq, entry.ExpiresAt)));

        Assert.Equal(RestoreOutcome.Restored, await Archive.Restore(read with { Key = Copy }));
        Same(read, (await Archive.Read(Copy))!);
        Assert.Equal((await Log.Read(_inbox, Epoch, 1, 9, 9, false)).Select(Text), (await Log.Read(Copy, Epoch, 1, 9, 9, false)).Select(Text));
        Assert.Equal([2], (await Log.NextExpiries(Copy, Epoch, 9)).Select(expiry => expiry.Seq));
        var state = new GrainState<InboxMarks>();
        await States.ReadStateAsync("marks", GrainId.Create("inbox", Copy), state);
        Assert.Equal(("1", 7), (state.State!.Read, state.State.Version));
        state.State.Version = 8;
        await States.WriteStateAsync("marks", GrainId.Create("inbox", Copy), state);

        Assert.Equal(RestoreOutcome.IsThere, await Archive.Restore(read with { Key = Copy, Head = 99, Entries = [], Marks = null }));
        Assert.Equal(9, (await Archive.Read(Copy))!.Head);
    }

    [Fact]
    public async Task Who_has_a_collapse_key_has_it_in_the_restored_inbox_too()
    {
        NewLogEntry About(int n, string key) => Entry(n) with { Json = Encoding.UTF8.GetBytes($$"""{"createdAt":"x","title":"T","key":"{{key}}"}"""), CollapseKey = key };
        await Append(0, About(1, "a"), About(2, "b"), Entry(3), About(4, "a")); // 1 has expired, and its process was killed before it had removed it
        await Archive.Restore((await Archive.Read(_inbox))! with { Key = Copy });
        Assert.Equal((4, 2, null), (await Log.Find(Copy, Epoch, "a"), await Log.Find(Copy, Epoch, "b"), await Log.Find(Copy, Epoch, "c")));
        Assert.Equal([1], (await Log.NextExpiries(Copy, Epoch, 9)).Select(expiry => expiry.Seq));
        await Log.Skip(Copy, Epoch, 4, 9);
        Assert.Equal(4, Assert.Single(await Log.Append(Copy, new(Epoch, 9, 0, "w", [About(10, "a")]))).Replaced);
    }

    [Fact]
    public async Task What_waits_waits_in_the_restored_inbox_too()
    {
        var due = _birth.AddYears(60);
        var later = new WaitingItem(Waiting.NewId(WaitingKind.Scheduled), due, """{"createdAt":"x","title":"later","key":"a"}"""u8.ToArray());
        await Store.Schedule(_inbox, later, "key", "hash", _keep); // nothing was published yet
        Assert.Contains(_inbox, await All(Archive.Inboxes(default)));
        var read = (await Archive.Read(_inbox))!;
        Assert.Equal(RestoreOutcome.Restored, await Archive.Restore(read with { Key = Copy }));
        Assert.Equal(RestoreOutcome.IsThere, await Archive.Restore(read with { Key = Copy }));
        var key = Assert.Single(await All(Archive.Keys(default)), key => key.Inbox == _inbox);
        Assert.True(await Archive.RestoreKey(key with { Inbox = Copy }));
        Assert.Equal(new ScheduleOutcome(later.Id, null, "hash"), await Store.Schedule(Copy, later with { Id = Waiting.NewId(WaitingKind.Scheduled) }, "key", "hash", _keep));
        Assert.Equal([later.Id], (await Store.List(Copy, WaitingKind.Scheduled, WaitingPlace.Start, 9)).Select(item => item.Id));

        await Append(0, [.. Enumerable.Range(1, 300).Select(n => Entry(n))]);
        await Store.Snooze(_inbox, Epoch, [1, 250], due);
        read = (await Archive.Read(_inbox))!;
        await Archive.Restore(read with { Key = Copy + "2" });
        Same(read, (await Archive.Read(Copy + "2"))!);
        var parts = await Task.WhenAll(Enumerable.Range(0, Store.Parts).Select(part => Store.Due(part, due, 1_000)));
        Assert.Equal([$"{Epoch}-1", $"{Epoch}-250", later.Id], parts.SelectMany(part => part).Where(item => item.Inbox == Copy + "2").Select(item => item.Id).Order(StringComparer.Ordinal));
        await Store.WithdrawKey(Copy, "a");
        Assert.Empty(await Store.List(Copy, WaitingKind.Scheduled, WaitingPlace.Start, 9));
    }

    [Fact]
    public async Task What_came_after_the_head_may_have_been_lost_until_it_is_skipped()
    {
        await Append(0, Entry(1));
        await Archive.Restore((await Archive.Read(_inbox))! with { Key = Copy });
        Assert.False((await Log.Open(_inbox, _birth)).TailMayBeLost);
        Assert.True((await Log.Open(Copy, _birth)).TailMayBeLost);
        await Log.Skip(Copy, Epoch, 1, 1_000);
        var position = await Log.Open(Copy, _birth);
        Assert.Equal((false, 1_000, "2-1000"), (position.TailMayBeLost, position.Head, position.Skipped.ToString()));
        await Archive.Restore((await Archive.Read(Copy))! with { Key = Copy + "2" });
        Assert.True((await Log.Open(Copy + "2", _birth)).TailMayBeLost);
        await Log.Skip(Copy + "2", Epoch, 1_000, 2_000);
        Assert.Equal("2-2000", (await Log.Open(Copy + "2", _birth)).Skipped.ToString());
    }

    [Fact]
    public async Task An_erased_inbox_stays_erased_and_its_epoch_is_not_used_again()
    {
        await Append(0, Entry(1));
        await Log.Erase(_inbox, Epoch);
        var read = (await Archive.Read(_inbox))!;
        Assert.Equal((Epoch, 0, true, 0), (read.Epoch, read.Head, read.IsErased, read.Entries.Count));
        await Archive.Restore(read with { Key = Copy });
        Same(read, (await Archive.Read(Copy))!);
        var position = await Log.Open(Copy, _birth);
        Assert.Equal((0, 0, Epoch), (position.Epoch, position.Head, position.FencedEpoch));
        await Assert.ThrowsAsync<LogConflictException>(() => Log.Append(Copy, new(Epoch, 1, 0, "w", [Entry(2)])));
        Assert.Equal(RestoreOutcome.IsThere, await Archive.Restore(read with { Key = Copy }));
    }

    [Fact]
    public async Task One_of_which_everything_was_deleted_keeps_its_head()
    {
        await Append(0, Entry(1), Entry(2));
        await Log.Delete(_inbox, Epoch, [1, 2]);
        await Archive.Restore((await Archive.Read(_inbox))! with { Key = Copy });
        var position = await Log.Open(Copy, _birth);
        Assert.Equal((Epoch, 2, null), (position.Epoch, position.Head, position.First));
        Assert.Equal(3, (await Log.Append(Copy, new(Epoch, 2, 0, "w", [Entry(3)])))[0].Seq);
    }

    [Fact]
    public async Task A_large_one_is_read_and_written_in_steps()
    {
        for (var head = 0; head < 900; head += 300)
            await Append(head, [.. Enumerable.Range(head + 1, 300).Select(n => Entry(n, expiresAt: n % 100 == 0 ? _birth.AddDays(n) : null))]);
        await Mark(_inbox);
        var read = (await Archive.Read(_inbox))!;
        Assert.Equal(Enumerable.Range(1, 900).Select(n => (long)n), read.Entries.Select(entry => entry.Seq));
        await Archive.Restore(read with { Key = Copy });
        Same(read, (await Archive.Read(Copy))!);
        Assert.Equal(9, (await Log.NextExpiries(Copy, Epoch, 100)).Count);
    }

    [Fact]
    public async Task Marks_alone_are_an_inbox_too()
    {
        await Mark(_inbox);
        var read = (await Archive.Read(_inbox))!;
        Assert.Equal((0, 0, 0), (read.Epoch, read.Head, read.Entries.Count));
        Assert.Equal(RestoreOutcome.Restored, await Archive.Restore(read with { Key = Copy }));
        Assert.Equal(RestoreOutcome.IsThere, await Archive.Restore(read with { Key = Copy }));
        var inboxes = await All(Archive.Inboxes(default));
        Assert.Contains(_inbox, inboxes);
        Assert.Contains(Copy, inboxes);
        Assert.Null(await Archive.Read(Copy + "2"));
    }

    [Fact]
    public async Task Idempotency_keys_go_with_their_entries_alone()
    {
        await Append(0, Entry(1, "a") with { KeyHash = "hash" }, Entry(2), Entry(3, "ü {b}"));
        var read = (await Archive.Read(_inbox))!;
        await Append(3, Entry(4, "later"));
        await Archive.Restore(read with { Key = Copy });

        var keys = (await All(Archive.Keys(default))).Where(key => key.Inbox == _inbox).OrderBy(key => key.Seq).ToList();
        Assert.Equal([(Epoch, 1, "hash"), (Epoch, 3, null), (Epoch, 4, null)], keys.Select(key => (key.Epoch, key.Seq, key.Hash)));
        Assert.All(keys, key => Assert.InRange(DateTimeOffset.FromUnixTimeMilliseconds(key.Until) - DateTimeOffset.UtcNow, TimeSpan.FromHours(23), TimeSpan.FromHours(24.1)));
        var restored = new List<bool>();
        foreach (var key in keys) restored.Add(await Archive.RestoreKey(key with { Inbox = Copy }));
        Assert.Equal([true, true, false], restored);
        Assert.False(await Archive.RestoreKey(keys[0] with { Inbox = Copy })); // it is there
        Assert.False(await Archive.RestoreKey(keys[0] with { Inbox = Copy, Key = keys[2].Key, Epoch = Epoch + 1 }));
        Assert.False(await Archive.RestoreKey(keys[0] with { Inbox = Copy + "2" }));
        await Log.Skip(Copy, Epoch, 3, 50);
        Assert.False(await Archive.RestoreKey(keys[2] with { Inbox = Copy })); // the id was lost

        var outcomes = await Log.Append(Copy, new(Epoch, 50, 0, "w", [Entry(9, "a"), Entry(9, "ü {b}"), Entry(9, "later")]));
        Assert.Equal([(1, true, "hash"), (3, true, null), (51, false, null)], outcomes.Select(outcome => (outcome.Seq, outcome.Replayed, outcome.KeyHash)));
    }

    [Fact]
    public async Task Who_was_forgotten_is_passed_over_and_begins_anew()
    {
        await Append(0, Entry(1, "key"), Entry(2, expiresAt: _birth.AddDays(9)));
        await Mark(_inbox);
        var read = (await Archive.Read(_inbox))!;
        var epoch = Epoch + 1_000;
        await Log.Forget(_inbox, epoch, _keep);
        await Log.Forget(_inbox, epoch + 1, _keep);

        var position = await Log.Open(_inbox, _birth);
        Assert.Equal((0, 0, epoch + 1), (position.Epoch, position.Head, position.FencedEpoch));
        Assert.Equal((true, 0), (await Archive.Read(_inbox) is null or { IsErased: true, Entries.Count: 0, Marks: null }, (await Log.NextExpiries(_inbox, Epoch, 9)).Count));
        await Assert.ThrowsAsync<LogConflictException>(() => Log.Append(_inbox, new(Epoch, 2, 0, "w", [Entry(3)]))); // a second activation
        Assert.NotEqual(RestoreOutcome.Restored, await Archive.Restore(read));

        var tombstone = Assert.Single(await All(Archive.Tombstones(default)), one => one.Hash == Tombstone.HashOf(_inbox));
        Assert.Equal(epoch + 1, tombstone.Epoch);
        Assert.InRange(DateTimeOffset.FromUnixTimeMilliseconds(tombstone.Until) - DateTimeOffset.UtcNow, _keep - TimeSpan.FromMinutes(1), _keep + TimeSpan.FromMinutes(1));
        await Archive.RestoreTombstone(tombstone with { Hash = Tombstone.HashOf(Copy) });
        Assert.Equal(RestoreOutcome.Forgotten, await Archive.Restore(read with { Key = Copy }));
        Assert.Equal(RestoreOutcome.Restored, await Archive.Restore(read with { Key = Copy, Epoch = epoch + 2 }));
        Assert.Equal(1, (await Log.Append(_inbox, new(epoch + 2, 0, 0, "w", [Entry(1, "key")])))[0].Seq);
        await Assert.ThrowsAsync<LogConflictException>(() => Log.Forget(_inbox, epoch, _keep));
    }

    private Task<IReadOnlyList<LogOutcome>> Append(long head, params NewLogEntry[] entries) => Log.Append(_inbox, new(Epoch, head, 0, "w1", entries));

    private static NewLogEntry Entry(int n, string? key = null, DateTimeOffset? expiresAt = null) =>
        new(Encoding.UTF8.GetBytes($$"""{"createdAt":"x","title":"{{n}} “é” <🙂> \u00e9"}"""), _birth.AddSeconds(n), key, expiresAt);

    private async Task Mark(string inbox)
    {
        var state = new GrainState<InboxMarks> { State = new() { Epoch = Epoch, Version = 7, Read = "1", Seen = 1 } };
        await States.WriteStateAsync("marks", GrainId.Create("inbox", inbox), state);
    }

    private static string Text(LogEntry entry) => $"{entry.Seq} {entry.Writer} {Encoding.UTF8.GetString(entry.Json)}";

    private static void Same(ArchivedInbox expected, ArchivedInbox actual) => Assert.Equal(Json(expected with { Key = "" }), Json(actual with { Key = "" }));

    private static string Json(ArchivedInbox inbox) => JsonSerializer.Serialize(new { inbox.Epoch, inbox.Head, inbox.IsErased, Skipped = inbox.Skipped.ToString(), inbox.Entries, inbox.Marks, Waiting = inbox.Waiting.OrderBy(item => item.Id, StringComparer.Ordinal) });

    private static async Task<List<T>> All<T>(IAsyncEnumerable<T> all)
    {
        var list = new List<T>();
        await foreach (var one in all) list.Add(one);
        return list;
    }
}
