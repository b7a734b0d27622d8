using System.Text;
using OrleansInbox.ClientApi.Access;
using OrleansInbox.Storage;

namespace OrleansInbox.Tests.Grains.Storage;

/// <summary>What <see cref="IInboxLog"/> promises; every backend passes all of it.</summary>
public abstract partial class InboxLogConformance : IAsyncLifetime
{
    protected const long Epoch = 1_766_000_000_000;
    protected static readonly DateTimeOffset Birth = DateTimeOffset.FromUnixTimeMilliseconds(Epoch);
    private static int _inboxes;

    protected IInboxLog Log { get; private set; } = null!;

    /// <summary>Of this test alone.</summary>
    protected string Inbox { get; } = InboxKey.Of("t", $"user-{Interlocked.Increment(ref _inboxes)}");

    /// <summary>A log on the data of this test class.</summary>
    protected abstract Task<IInboxLog> Create();

    protected abstract ValueTask Dispose(IInboxLog log);

    /// <summary>From now on storage does not answer, or fails.</summary>
    protected abstract Task Break();

    protected abstract Task Heal();

    public async Task InitializeAsync() => Log = await Create();

    public virtual async Task DisposeAsync() => await Dispose(Log);

    protected async Task Reopen()
    {
        await Dispose(Log);
        Log = await Create();
    }

    protected static NewLogEntry Entry(int n, string? key = null, DateTimeOffset? expiresAt = null) =>
        new(Encoding.UTF8.GetBytes($$"""{"createdAt":"x","title":"{{n}} “é” 🙂"}"""), Birth.AddSeconds(n), key, expiresAt);

    protected static NewLogEntry[] Entries(int from, int to) => [.. Enumerable.Range(from, to - from + 1).Select(n => Entry(n))];

    protected Task<IReadOnlyList<LogOutcome>> Append(long head, params NewLogEntry[] entries) => Log.Append(Inbox, new(Epoch, head, 0, "w1", entries));

    protected async Task<List<long>> Seqs(long from = 1, long to = long.MaxValue, int max = 100_000, bool newestFirst = false, long epoch = Epoch) =>
        [.. (await Log.Read(Inbox, epoch, from, to, max, newestFirst)).Select(entry => entry.Seq)];

    protected Task<LogPosition> Open() => Log.Open(Inbox, Birth);

    [Fact]
    public async Task What_is_kept_beside_a_key_is_answered_when_the_key_comes_again()
    {
        var with = Entry(1, "with") with { KeyHash = "a_hash" };
        var first = await Append(0, with, Entry(2, "without"), with with { KeyHash = "other" });
        Assert.Equal((1, true, "a_hash"), (first[2].Seq, first[2].Replayed, first[2].KeyHash));
        var again = await Append(2, with with { KeyHash = "other" }, Entry(2, "without") with { KeyHash = "new" });
        Assert.Equal([(1, "a_hash"), (2, null)], again.Select(outcome => (outcome.Seq, outcome.KeyHash)));
        Assert.Equal([1, 2], await Seqs());
    }

    [Fact]
    public async Task What_is_skipped_is_never_assigned_and_what_is_there_stays()
    {
        await Append(0, Entry(1, "key"), Entry(2));
        await Log.Skip(Inbox, Epoch, 2, 10);
        await Log.Skip(Inbox, Epoch, 10, 12);
        await Assert.ThrowsAsync<LogConflictException>(() => Log.Skip(Inbox, Epoch, 2, 20));
        await Assert.ThrowsAsync<LogConflictException>(() => Log.Skip(Inbox, Epoch + 1, 12, 20));
        await Reopen();

        var position = await Open();
        Assert.Equal((12, "3-12", Birth.AddSeconds(2), false), (position.Head, position.Skipped.ToString(), position.LastCreatedAt, position.TailMayBeLost));
        await Assert.ThrowsAsync<LogConflictException>(() => Append(2, Entry(3)));
        var outcomes = await Append(12, Entry(3), Entry(1, "key"));
        Assert.Equal([(13, false), (1, true)], outcomes.Select(outcome => (outcome.Seq, outcome.Replayed)));
        Assert.Equal([1, 2, 13], await Seqs());

        await Log.Erase(Inbox, Epoch);
        await Log.Append(Inbox, new(Epoch + 1, 0, 0, "w1", [Entry(4)]));
        Assert.True((await Open()).Skipped.IsEmpty);
    }

    [Fact]
    public async Task An_inbox_that_never_was_is_empty()
    {
        var position = await Open();
        Assert.Equal(LogPosition.None with { Expiries = position.Expiries }, position);
        Assert.Empty(position.Expiries);
        Assert.Empty(await Seqs());
        Assert.Null(await Log.FirstSince(Inbox, Epoch, 1, Birth));
        Assert.Empty(await Log.NextExpiries(Inbox, Epoch, 10));
        await Log.Delete(Inbox, Epoch, [1, 2]);
        await Log.Ping();
    }

    [Fact]
    public async Task Entries_read_back_in_order_as_they_were_written()
    {
        Assert.Equal([new(1, Birth.AddSeconds(1), false)], await Append(0, Entry(1)));
        Assert.Equal([2, 3], (await Append(1, Entry(2), Entry(3))).Select(outcome => outcome.Seq));

        var read = await Log.Read(Inbox, Epoch, 1, 3, 10, newestFirst: false);
        Assert.Equal([1, 2, 3], read.Select(entry => entry.Seq));
        for (var i = 0; i < 3; i++) Assert.Equal(Entry(i + 1).Json, read[i].Json);
        Assert.All(read, entry => Assert.Equal("w1", entry.Writer));
    }

    [Fact]
    public async Task A_range_is_read_from_either_end()
    {
        await Append(0, Entries(1, 10));
        Assert.Equal([3, 4, 5], await Seqs(3, 5));
        Assert.Equal([5, 4, 3], await Seqs(3, 5, newestFirst: true));
        Assert.Equal([3, 4], await Seqs(3, 9, max: 2));
        Assert.Equal([9, 8], await Seqs(3, 9, max: 2, newestFirst: true));
        Assert.Equal([9, 10], await Seqs(9, 100));
        Assert.Empty(await Seqs(11, 100));
        Assert.Empty(await Seqs(5, 3));
        Assert.Empty(await Seqs(epoch: Epoch - 1));
        Assert.Empty(await Seqs(epoch: Epoch + 1));
    }

    [Fact]
    public async Task Open_tells_where_the_log_stands()
    {
        await Append(0, Entries(1, 4));
        await Log.Append(Inbox, new(Epoch, 4, 0, "w2", [Entry(5)]));
        var position = await Open();
        Assert.Equal((Epoch, 5, Epoch), (position.Epoch, position.Head, position.FencedEpoch));
        Assert.Equal(new LogFloor(1, Birth.AddSeconds(1)), position.First);
        Assert.Equal(Birth.AddSeconds(5), position.LastCreatedAt);
    }

    [Theory]
    [InlineData(0, 2)]
    [InlineData(2, 2)]
    [InlineData(3, 7)]
    [InlineData(7, 7)]
    [InlineData(8, 8)]
    [InlineData(9, 9)]
    [InlineData(10, 12)]
    [InlineData(12, 12)]
    public async Task The_first_one_that_is_young_enough_is_found_across_holes(int aged, long first)
    {
        await Append(0, Entries(1, 12));
        await Log.Delete(Inbox, Epoch, [1, 3, 4, 5, 6, 10, 11]);
        var expected = new LogFloor(first, Birth.AddSeconds(first));
        Assert.Equal(expected, (await Log.Open(Inbox, Birth.AddSeconds(aged))).First);
        Assert.Equal(expected, await Log.FirstSince(Inbox, Epoch, 1, Birth.AddSeconds(aged)));
        Assert.Equal(Math.Max(first, 8), (await Log.FirstSince(Inbox, Epoch, 8, Birth.AddSeconds(aged)))!.Value.Seq);
    }

    [Fact]
    public async Task Nothing_is_young_enough_when_all_are_too_old()
    {
        await Append(0, Entries(1, 5));
        Assert.Null((await Log.Open(Inbox, Birth.AddSeconds(6))).First);
        Assert.Null(await Log.FirstSince(Inbox, Epoch, 1, Birth.AddSeconds(6)));
        Assert.Null(await Log.FirstSince(Inbox, Epoch, 6, Birth));
        Assert.Null(await Log.FirstSince(Inbox, Epoch + 1, 1, Birth));
    }

    [Fact]
    public async Task Removed_entries_are_gone_and_their_seqs_are_not_used_again()
    {
        await Append(0, Entries(1, 5));
        await Log.Delete(Inbox, Epoch, [2, 5, 99]);
        await Log.Delete(Inbox, Epoch, [2]);
        Assert.Equal([1, 3, 4], await Seqs());
        await Reopen();
        var position = await Open();
        Assert.Equal(5, position.Head);
        Assert.Equal(Birth.AddSeconds(4), position.LastCreatedAt);
        Assert.Equal(6, (await Append(5, Entry(6)))[0].Seq);
    }

    [Fact]
    public async Task Everything_removed_leaves_the_head()
    {
        await Append(0, Entries(1, 2));
        await Log.Delete(Inbox, Epoch, [1, 2]);
        var position = await Open();
        Assert.Equal((Epoch, 2, null, null), (position.Epoch, position.Head, position.First, position.LastCreatedAt));
    }

    [Fact]
    public async Task What_is_not_needed_is_trimmed_in_the_end_and_never_more()
    {
        for (var head = 0; head < 2_000; head += 100)
            await Log.Append(Inbox, new(Epoch, head, Math.Max(0, head - 100), "w1", Entries(head + 1, head + 100)));
        var seqs = await Seqs();
        Assert.InRange(seqs.Count, 200, 600);
        Assert.Equal(Enumerable.Range(2_001 - seqs.Count, seqs.Count).Select(n => (long)n), seqs);
        Assert.Equal(seqs[0], (await Open()).First!.Value.Seq);
    }

    [Fact]
    public async Task All_is_there_after_reopening()
    {
        await Append(0, Entries(1, 3));
        await Reopen();
        Assert.Equal([1, 2, 3], await Seqs());
        Assert.Equal(4, (await Append(3, Entry(4)))[0].Seq);
    }

    [Fact]
    public async Task Ten_thousand_entries()
    {
        for (var head = 0; head < 10_000; head += 500) await Append(head, Entries(head + 1, head + 500));
        Assert.Equal(Enumerable.Range(1, 10_000).Select(n => (long)n), await Seqs());
        Assert.Equal([10_000, 9_999], await Seqs(max: 2, newestFirst: true));
        var position = await Log.Open(Inbox, Birth.AddSeconds(7_654));
        Assert.Equal((10_000, 7_654), (position.Head, position.First!.Value.Seq));
    }

    public static TheoryData<string, string> OddKeys => new()
    {
        { "default", "}{" }, { "a/b", "c" }, { "t:1", "u%2F" }, { "名", "🙂" }, { "it's", "a \"b\" \\ c" }, { "*", "?[a-z]" }, { "t", new string('é', 64) },
    };

    [Theory, MemberData(nameof(OddKeys))]
    public async Task Odd_keys_are_inboxes_of_their_own(string tenant, string user)
    {
        var (odd, other) = (InboxKey.Of(tenant, user + Inbox), InboxKey.Of(tenant, user + Inbox + "x"));
        await Log.Append(odd, new(Epoch, 0, 0, "w1", [Entry(1, "a key: {\n} 🙂")]));
        await Log.Append(other, new(Epoch, 0, 0, "w1", [Entry(2)]));
        Assert.Equal(Entry(1).Json, Assert.Single(await Log.Read(odd, Epoch, 1, 10, 10, false)).Json);
        Assert.True((await Log.Append(odd, new(Epoch, 1, 0, "w1", [Entry(3, "a key: {\n} 🙂")])))[0].Replayed);
        Assert.False((await Log.Append(other, new(Epoch, 1, 0, "w1", [Entry(3, "a key: {\n} 🙂")])))[0].Replayed);
    }
}
