namespace OrleansInbox.Tests.Grains.Model;

public sealed class InboxStateTests
{
    private const long _epoch = 1_766_000_000_000;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Hundreds_of_random_histories_agree_with_a_naive_model(int part)
    {
        for (var seed = part * 500; seed < part * 500 + 125; seed++) new InboxHistory(seed).Live(50);
    }

    [Fact]
    public void Long_histories_agree_too()
    {
        for (var seed = 0; seed < 10; seed++) new InboxHistory(1_000_000 + seed).Live(400);
    }

    [Fact]
    public void Before_the_birth_there_is_nothing()
    {
        var state = InboxState.Of(new InboxMarks(), 0, 0, 1);
        Assert.Equal(new InboxCounts { Unread = 0, Unseen = 0, Total = 0, Head = null, Version = 0 }, state.Counts);
        Assert.Empty(state.Apply(new MarkRequest { Action = MarkAction.Read, All = true }).Changes);
        Assert.Empty(state.Apply(new MarkRequest { Action = MarkAction.Seen, All = true }).Changes);
    }

    [Fact]
    public void Read_up_to_is_one_range_also_across_what_was_deleted()
    {
        var (state, _) = Inbox(40).Delete([3, 7, 20]);
        (state, _) = state.Apply(UpTo(MarkAction.Read, 38));
        (state, _) = state.Apply(new MarkRequest { Action = MarkAction.Read, Ids = [Id(40)] });
        Assert.Equal("1-38,40", state.ToMarks().Read);
        (state, _) = state.Apply(new MarkRequest { Action = MarkAction.Read, Ids = [Id(39)] });
        Assert.Equal("1-40", state.ToMarks().Read);
    }

    [Fact]
    public void Seen_never_goes_back_and_what_is_read_is_seen()
    {
        var (state, _) = Inbox(10).Apply(UpTo(MarkAction.Seen, 6));
        Assert.Empty(state.Apply(UpTo(MarkAction.Seen, 5)).Changes);
        Assert.Equal(4, state.Counts.Unseen);
        (state, _) = state.Apply(new MarkRequest { Action = MarkAction.Read, Ids = [Id(2), Id(8)] });
        Assert.Equal((8, 3), (state.Counts.Unread, state.Counts.Unseen));
        Assert.True(state.IsSeen(8));
        Assert.False(state.IsSeen(7));
        (state, _) = state.Apply(new MarkRequest { Action = MarkAction.Read, All = true });
        Assert.Equal((0, 0), (state.Counts.Unread, state.Counts.Unseen));
        (state, _) = state.Apply(new MarkRequest { Action = MarkAction.Unread, All = true });
        Assert.Equal((10, 4), (state.Counts.Unread, state.Counts.Unseen)); // the cursor stood still
    }

    [Fact]
    public void Up_to_an_id_that_is_still_to_come_means_up_to_the_head()
    {
        var (state, changes) = Inbox(3).Apply(UpTo(MarkAction.Read, 99));
        Assert.Equal(Id(3), Assert.Single(changes).UpTo);
        Assert.Equal(1, state.Appended(1, 600).Counts.Unread);
    }

    [Fact]
    public void Up_to_an_id_of_another_epoch_is_refused()
    {
        foreach (var epoch in new[] { _epoch - 1, _epoch + 1 })
            Assert.Equal("upTo", Assert.Throws<InvalidMarkException>(() => Inbox(3).Apply(new MarkRequest { Action = MarkAction.Archive, UpTo = new(epoch, 2) })).Field);
    }

    [Fact]
    public void After_an_erase_the_version_goes_on_above_all_before_also_when_nobody_noted_it()
    {
        var (state, _) = Inbox(700).Apply(new MarkRequest { Action = MarkAction.Read, All = true });
        var reborn = state.Erased().StartEpoch(_epoch + 1).Appended(1, 600);
        Assert.Equal(state.Version + 1, reborn.Version);
        Assert.Equal(1, reborn.Counts.Unread);
        Assert.Equal(reborn, InboxState.Of(state.Erased().ToMarks(), _epoch + 1, 1, 1));

        var unnoted = InboxState.Of(state.ToMarks(), _epoch + 1, 1, 1);
        Assert.Equal((1, state.Version + 1), (unnoted.Counts.Unread, unnoted.Version));
    }

    [Fact]
    public void Marks_of_entries_that_the_log_lost_do_not_mark_what_comes_in_their_place()
    {
        var (state, _) = Inbox(10).Apply(new MarkRequest { Action = MarkAction.Read, All = true });
        (state, _) = state.Apply(new MarkRequest { Action = MarkAction.Seen, All = true });
        var reloaded = InboxState.Of(state.ToMarks(), _epoch, 7, 1);
        Assert.Equal(state.MarksVersion + 1, reloaded.MarksVersion);
        Assert.Equal((0, 0), (reloaded.Counts.Unread, reloaded.Counts.Unseen));
        Assert.Equal((3, 3), (reloaded.Appended(3, 600).Counts.Unread, reloaded.Appended(3, 600).Counts.Unseen));
    }

    [Fact]
    public void The_newest_so_many_are_kept_and_the_deleted_do_not_count()
    {
        var (state, _) = Inbox(5, keep: 5).Delete([3]);
        state = state.Appended(1, 5);
        Assert.Equal((5, 1), (state.Counts.Total, state.Floor));
        Assert.Equal((5, 3), (state.Appended(2, 5).Counts.Total, state.Appended(2, 5).Floor));
        Assert.Equal(5, state.Appended(3, 5).Floor);
    }

    [Fact]
    public void Many_that_are_removed_are_several_changes_of_a_thousand_each()
    {
        var (state, _) = Inbox(2_600, keep: 5_000).Delete([5, 2_000]);
        var (next, changes) = state.Apply(new MarkRequest { Action = MarkAction.Delete, UpTo = Id(2_502) });
        Assert.Equal([1_000, 1_000, 500], changes.Select(change => change.Seqs.Count));
        Assert.Equal(Enumerable.Range(1, 2_502).Select(i => (long)i).Except([5, 2_000]), changes.SelectMany(change => change.Seqs));
        Assert.Equal([2, 3, 4], changes.Select(change => change.MarksVersion));
        Assert.Equal([1_598L, 598, 98], changes.Select(change => change.Counts.Total));
        Assert.All(changes, change => Assert.True(change.Removed));
        Assert.Equal(changes[^1].Counts, next.Counts);
        Assert.Empty(next.Apply(new MarkRequest { Action = MarkAction.Delete, UpTo = Id(2_502) }).Changes);
        Assert.Equal(0, next.Apply(new MarkRequest { Action = MarkAction.Delete, All = true }).Next.Counts.Total);
    }

    [Fact]
    public void An_append_costs_the_same_however_many_marks_there_are()
    {
        var state = Inbox(100_000, keep: 100_000);
        for (var from = 1L; from < 100_000; from += 1_000)
            (state, _) = state.Apply(new MarkRequest { Action = MarkAction.Read, Ids = [.. Enumerable.Range(0, 500).Select(i => Id(from + (2 * i)))] });
        Assert.Equal(50_000, state.Counts.Unread);
        state = state.Appended(1, 100_000);
        var before = GC.GetAllocatedBytesForCurrentThread();
        state = state.Appended(1, 100_000);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 1, 2_000);
        Assert.Equal(50_001, state.Counts.Unread);
    }

    [Fact]
    public void A_request_that_does_not_say_exactly_one_thing_is_refused()
    {
        MarkRequest[] bad =
        [
            new() { Action = MarkAction.Read },
            new() { Action = MarkAction.Read, All = true, Ids = [] },
            new() { Action = MarkAction.Unread, Group = "g" },
            new() { Action = MarkAction.Seen, Ids = [Id(1)] },
            new() { Action = MarkAction.Seen, Group = "g" },
            new() { Action = MarkAction.Read, Ids = new NotificationId[MarkRequest.MaxIds + 1] },
            new() { Action = (MarkAction)9, All = true },
            new() { Action = MarkAction.Delete, All = true, Types = ["a"] },
            new() { Action = MarkAction.Read, Ids = [Id(1)], Types = ["a"] },
            new() { Action = MarkAction.Read, All = true, Types = [] },
        ];
        foreach (var request in bad)
        {
            Assert.NotNull(MarkRules.Check(request));
            Assert.Throws<ArgumentException>(() => Inbox(1).Apply(request));
        }
    }

    private static InboxState Inbox(int count, int keep = 600) => InboxState.Of(new InboxMarks(), 0, 0, 1).StartEpoch(_epoch).Appended(count, keep);

    private static NotificationId Id(long seq) => new(_epoch, seq);

    private static MarkRequest UpTo(MarkAction action, long seq) => new() { Action = action, UpTo = Id(seq) };

    [Theory]
    [InlineData(1_000, 1, 7)] // its marks
    [InlineData(0, 0, 8)] // none
    public void What_was_skipped_is_not_counted_and_not_listed(long marksEpoch, int read, int unread)
    {
        var marks = new InboxMarks { Epoch = marksEpoch, Version = 1, Read = "2", Floor = 1 };
        var state = InboxState.Of(marks, epoch: 1_000, head: 1_000_008, floor: 1, SeqRanges.Of(6, 1_000_005));
        Assert.Equal((8, unread), (state.Counts.Total, state.Counts.Unread));
        Assert.Equal(read, state.Matching(StatusFilter.Read, 1, state.Head, newestFirst: true).Sum(range => range.Count));
        Assert.Equal([6L, 7L, 8L], state.Matching(StatusFilter.All, 6, state.Head, newestFirst: false).SelectMany(range => range.Seqs).Select(seq => seq - 1_000_000));
        Assert.Equal(4, state.KeepingNewest(4).Counts.Total);
    }
}
