using System.Text;
using OrleansInbox.Storage;

namespace OrleansInbox.Tests.Grains.Storage;

/// <summary>What <see cref="IWaitingStore"/> promises together with the log; every backend passes all of it.</summary>
public abstract class WaitingStoreConformance : IAsyncLifetime
{
    private const long Epoch = 1_766_000_000_000;
    private static readonly DateTimeOffset _birth = DateTimeOffset.FromUnixTimeMilliseconds(Epoch);
    private static readonly DateTimeOffset _due = _birth.AddHours(1);
    private static int _inboxes;

    protected IInboxLog Log { get; private set; } = null!;
    protected IWaitingStore Store { get; private set; } = null!;
    private string Inbox { get; } = InboxKey.Of("t", $"waiting {Interlocked.Increment(ref _inboxes)} “é”");

    protected abstract Task<(IInboxLog Log, IWaitingStore Store)> Create();

    public async Task InitializeAsync() => (Log, Store) = await Create();

    public abstract Task DisposeAsync();

    [Fact]
    public async Task What_is_scheduled_is_listed_by_its_time_and_leaves_with_the_append()
    {
        await Schedule("sb", _due.AddMinutes(1));
        await Schedule("sc", _due);
        await Schedule("sa", _due);
        Assert.Equal(["sa", "sc", "sb"], await Ids(snoozed: false));
        Assert.Empty(await Ids(snoozed: true));
        var page = await Store.List(Inbox, WaitingKind.Scheduled, WaitingPlace.Start, 1);
        Assert.Equal(["sc", "sb"], (await Store.List(Inbox, WaitingKind.Scheduled, WaitingPlace.Of(page[0]), 10)).Select(item => item.Id));
        var read = Assert.Single(await Store.Read(Inbox, ["none", "sb"]));
        Assert.Equal(("sb", _due.AddMinutes(1), Text("sb")), (read.Id, read.DueAt, Encoding.UTF8.GetString(read.Json)));

        var outcomes = await Append(0, Come("sa"), Come("sa"), Entry("x"), Come("snever"));
        Assert.Equal([(1, false), (1, true), (2, false), (0, true)], outcomes.Select(outcome => (outcome.Seq, outcome.Replayed)));
        Assert.Equal(["sc", "sb"], await Ids(snoozed: false));
        Assert.Equal((1, true), (await Append(2, Come("sa"))).Select(outcome => (outcome.Seq, outcome.Replayed)).Single());
        Assert.Equal(new NotificationId(Epoch, 1), await Store.Withdraw(Inbox, "sa"));
    }

    [Fact]
    public async Task What_was_withdrawn_never_comes()
    {
        await Schedule("sa", _due);
        for (var i = 0; i < 2; i++) Assert.Null(await Store.Withdraw(Inbox, "sa"));
        Assert.Equal((0, true), (await Append(0, Come("sa"))).Select(outcome => (outcome.Seq, outcome.Replayed)).Single());
        Assert.Empty(await Log.Read(Inbox, Epoch, 0, 10, 10, newestFirst: false));
        Assert.Empty(await Due(_due.AddHours(1)));
    }

    [Fact]
    public async Task An_idempotency_key_answers_what_it_was_used_for()
    {
        Assert.Equal(default, await Schedule("sa", _due, "key", "hash"));
        Assert.Equal(new ScheduleOutcome("sa", null, "hash"), await Schedule("sb", _due, "key", "other"));
        Assert.Equal(["sa"], await Ids(snoozed: false));
        var published = Assert.Single(await Append(0, Entry("x") with { IdempotencyKey = "key", KeyHash = "third" })); // nothing was ever published here
        Assert.Equal((0, true, "hash", "sa"), (published.Seq, published.Replayed, published.KeyHash, published.Scheduled));
        await Append(0, Come("sa"), Entry("y") with { IdempotencyKey = "at once", KeyHash = "h" });
        Assert.Equal(new ScheduleOutcome("sa", null, "hash"), await Schedule("sc", _due, "key", "hash")); // it has come meanwhile
        Assert.Equal(new ScheduleOutcome(null, new NotificationId(Epoch, 2), "h"), await Schedule("sd", _due, "at once", "h"));
        Assert.Equal(default, await Schedule("se", _due, "retry"));
        Assert.Equal(new ScheduleOutcome("se"), await Schedule("sf", _due, "retry"));
        Assert.Equal(["se"], await Ids(snoozed: false));
    }

    [Fact]
    public async Task What_is_snoozed_expires_in_the_log_and_comes_once()
    {
        await Append(0, Entry("1"), Entry("2"), Entry("3"));
        Assert.Equal([1, 3], await Store.Snooze(Inbox, Epoch, [1, 3, 9], _due));
        Assert.Empty(await Store.Snooze(Inbox, Epoch, [1], _due.AddDays(1)));
        Assert.Equal([$"{Epoch}-1", $"{Epoch}-3"], await Ids(snoozed: true));
        Assert.Equal([1L, 3], (await Log.Open(Inbox, _birth)).Expiries.Where(expiry => expiry.At.ToUnixTimeMilliseconds() == InboxLimits.Replaced).Select(expiry => expiry.Seq).Order());
        await Log.Delete(Inbox, Epoch, [1, 3]);
        Assert.Equal(Text("1"), Encoding.UTF8.GetString((await Store.Read(Inbox, [$"{Epoch}-1"]))[0].Json));
        Assert.Equal([4, 0], (await Append(3, Back(1), Back(1))).Select(outcome => outcome.Seq));
        Assert.Equal([$"{Epoch}-3"], await Ids(snoozed: true));
    }

    [Fact]
    public async Task A_newer_one_of_its_collapse_key_takes_the_place_of_what_is_snoozed()
    {
        await Append(0, About("1", "a"), About("2", "b"), About("3", "c"));
        await Store.Snooze(Inbox, Epoch, [1, 2, 3], _due);
        await Log.Delete(Inbox, Epoch, [1, 2, 3]);
        Assert.Equal([null, null], (await Append(3, About("4", "a"), Entry("5"))).Select(outcome => outcome.Replaced));
        Assert.Equal([$"{Epoch}-2", $"{Epoch}-3"], await Ids(snoozed: true));
        Assert.Equal([6, 0], (await Append(5, About("6", "b"), Back(2) with { CollapseKey = "b" })).Select(outcome => outcome.Seq)); // in one write
        Assert.Equal([7], (await Append(6, Back(3) with { CollapseKey = "c" })).Select(outcome => outcome.Seq));
        Assert.Equal((4, 6, 7), (await Log.Find(Inbox, Epoch, "a"), await Log.Find(Inbox, Epoch, "b"), await Log.Find(Inbox, Epoch, "c")));
        Assert.Equal(7, (await Append(7, About("8", "c")))[0].Replaced);
        Assert.Empty(await Ids(snoozed: true));
    }

    [Fact]
    public async Task What_has_a_collapse_key_is_withdrawn_by_it()
    {
        await Append(0, About("1", "a"), About("2", "b"));
        await Store.Snooze(Inbox, Epoch, [1, 2], _due);
        await Schedule("sa", _due, collapseKey: "a");
        await Schedule("sb", _due, collapseKey: "b");
        await Schedule("sc", _due);
        await Store.WithdrawKey(Inbox, "a");
        Assert.Equal(["sb", "sc"], await Ids(snoozed: false));
        Assert.Equal([$"{Epoch}-2"], await Ids(snoozed: true));
    }

    [Fact]
    public async Task No_more_wait_than_may()
    {
        for (var i = 0; i < InboxLimits.MaxWaiting - 1; i++) await Schedule($"s{i}", _due);
        await Append(0, Entry("1"), Entry("2"));
        await Assert.ThrowsAsync<TooManyWaitingException>(() => Store.Snooze(Inbox, Epoch, [1, 2], _due));
        Assert.Equal([1], await Store.Snooze(Inbox, Epoch, [1], _due));
        await Assert.ThrowsAsync<TooManyWaitingException>(() => Schedule("more", _due));
        await Store.Withdraw(Inbox, "s0");
        await Schedule("more", _due);
    }

    [Fact]
    public async Task An_erase_takes_what_is_snoozed_and_forgetting_takes_all()
    {
        await Append(0, Entry("1"), Entry("2"));
        await Schedule("sa", _due, "key", "hash");
        await Store.Announce([new(Inbox, $"{Epoch}-1", _due)]);
        await Store.Snooze(Inbox, Epoch, [1], _due);
        await Log.Erase(Inbox, Epoch);
        Assert.Equal(["sa"], await Ids(snoozed: false));
        Assert.Empty(await Ids(snoozed: true));
        Assert.Equal(["sa"], (await Due(_due)).Select(item => item.Id));
        Assert.Equal("sa", (await Schedule("sb", _due, "key", "hash")).KnownScheduled);
        await Log.Append(Inbox, new(Epoch + 1, 0, 0, "w", [Come("sa")]));
        await Store.Settle([new(Inbox, "sa", _due)]);
        await Schedule("sc", _due);
        await Log.Forget(Inbox, Epoch + 1, TimeSpan.FromDays(1));
        Assert.Empty(await Ids(snoozed: false));
        Assert.Empty(await Due(_due)); // its name is in the index no more
    }

    [Fact]
    public async Task The_index_says_what_is_due()
    {
        await Schedule("sa", _due);
        await Schedule("sb", _due.AddSeconds(1));
        Assert.Empty(await Due(_due.AddMilliseconds(-1)));
        var first = Assert.Single(await Due(_due));
        Assert.Equal(new DueItem(Inbox, "sa", _due), first);
        await Store.Postpone([first], _due.AddMinutes(1));
        Assert.Equal(["sb"], (await Due(_due.AddSeconds(2))).Select(item => item.Id));
        Assert.Equal(first, (await Due(_due.AddMinutes(1))).Single(item => item.Id == "sa"));
        await Append(0, Come("sa"), Come("sb"));
        await Store.Settle([first, new(Inbox, "sb", _due.AddSeconds(1))]);
        await Store.Postpone([first], _due); // it is there no more
        Assert.Empty(await Due(_due.AddDays(1)));
    }

    private async Task<ScheduleOutcome> Schedule(string id, DateTimeOffset due, string? key = null, string? hash = null, string? collapseKey = null)
    {
        await Store.Announce([new(Inbox, id, due)]);
        var outcome = await Store.Schedule(Inbox, new(id, due, Encoding.UTF8.GetBytes(Text(id, collapseKey))), key, hash, TimeSpan.FromHours(24));
        if (outcome != default) await Store.Settle([new(Inbox, id, due)]);
        return outcome;
    }

    private Task<IReadOnlyList<LogOutcome>> Append(long head, params NewLogEntry[] entries) => Log.Append(Inbox, new(Epoch, head, 0, "w", entries));

    private static NewLogEntry Entry(string title) => new(Encoding.UTF8.GetBytes(Text(title)), _birth);

    private static NewLogEntry About(string title, string key) => new(Encoding.UTF8.GetBytes(Text(title, key)), _birth, CollapseKey: key);

    private static NewLogEntry Come(string id) => Entry(id) with { IdempotencyKey = Waiting.KeyOf(id), WaitingId = id };

    private static NewLogEntry Back(long seq) => Entry($"{seq} again") with { WaitingId = $"{Epoch}-{seq}" };

    private static string Text(string title, string? key = null) => $$"""{"createdAt":"2026-01-01T00:00:00.000Z","title":"{{title}}\n “é” 🙂"{{(key is null ? "" : $",\"key\":\"{key}\"")}}}""";

    private async Task<List<string>> Ids(bool snoozed) => [.. (await Store.List(Inbox, snoozed ? WaitingKind.Snoozed : WaitingKind.Scheduled, WaitingPlace.Start, 2_000)).Select(item => item.Id)];

    private async Task<List<DueItem>> Due(DateTimeOffset now)
    {
        var due = new List<DueItem>();
        for (var part = 0; part < Store.Parts; part++) due.AddRange((await Store.Due(part, now, 10_000)).Where(item => item.Inbox == Inbox));
        return due;
    }
}
