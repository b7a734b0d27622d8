namespace OrleansInbox.Tests.Grains.Model;

public sealed class UndoTests
{
    private const long _epoch = 1_766_000_000_000;
    private static readonly DateTimeOffset _now = new(2026, 11, 30, 12, 0, 0, TimeSpan.Zero);

    private InboxState _state = InboxState.Of(new InboxMarks(), _epoch, 10, 1);

    [Theory]
    [InlineData(MarkAction.Read)]
    [InlineData(MarkAction.Unread)]
    [InlineData(MarkAction.Archive)]
    [InlineData(MarkAction.Unarchive)]
    [InlineData(MarkAction.Seen)]
    public void What_a_mark_changed_is_as_it_was_and_what_arrived_later_is_not_touched(MarkAction action)
    {
        Mark("a", MarkAction.Read, 2, 3);
        Mark("b", MarkAction.Archive, 3, 4);
        var before = _state;
        Do(_state.Apply(new MarkRequest { Action = action, UpTo = new(_epoch, 8), Undo = "c" }, now: _now));
        Assert.NotEqual(Flags(before), Flags(_state));
        _state = _state.Appended(1, 100);

        var changes = Do(_state.Undo("c", _now));
        Assert.Equal(Flags(before.Appended(1, 100)), Flags(_state));
        Assert.NotEmpty(changes);
        Assert.Empty(Do(_state.Undo("c", _now))); // a second time
        Assert.Equal(Flags(before.Appended(1, 100)), Flags(_state));
    }

    [Fact]
    public void What_somebody_changed_since_stays_as_they_left_it()
    {
        Mark("a", MarkAction.Read, 1, 2, 3, 4, 5);
        Mark("b", MarkAction.Unread, 2);
        Mark("c", MarkAction.Read, 2); // as it was, but not by a
        Do(_state.Patch(3, read: false, archived: null));
        Do(_state.Delete([4]));
        Assert.Equal([1, 5], Assert.Single(Do(_state.Undo("a", _now))).Seqs);
        Assert.True(_state.IsRead(2));
        Assert.False(_state.IsKept(4));
        Assert.Empty(Do(_state.Undo("b", _now)));
        Assert.Equal([2], Assert.Single(Do(_state.Undo("c", _now))).Seqs);
        Assert.Equal(9, _state.Counts.Unread);
    }

    [Fact]
    public void A_mark_whose_answer_was_lost_is_repeated_with_its_token_and_noted_once()
    {
        Mark("a", MarkAction.Archive, 1, 2);
        Mark("a", MarkAction.Archive, 1, 2);
        Assert.Equal([1, 2], Assert.Single(Do(_state.Undo("a", _now))).Seqs);
    }

    [Fact]
    public void After_ten_minutes_or_ten_marks_it_is_too_late()
    {
        Mark("a", MarkAction.Read, 1);
        Assert.Throws<UndoExpiredException>(() => _state.Undo("a", _now + TimeSpan.FromMinutes(10)));
        Assert.NotEmpty(_state.Undo("a", _now + TimeSpan.FromMinutes(10) - TimeSpan.FromMilliseconds(1)).Changes);
        for (var i = 1; i < 10; i++) Mark($"b{i}", MarkAction.Read, i + 1);
        Assert.NotEmpty(_state.Undo("a", _now).Changes);
        Mark("b10", MarkAction.Archive, 1);
        Assert.Throws<UndoExpiredException>(() => _state.Undo("a", _now));
        Assert.NotEmpty(_state.Undo("b1", _now).Changes);
        Assert.Throws<UndoExpiredException>(() => _state.Undo("never", _now));
        Assert.Throws<UndoExpiredException>(() => _state.Erased().Undo("b1", _now));
    }

    [Fact]
    public void What_is_noted_has_a_bound_and_the_oldest_go_first()
    {
        _state = InboxState.Of(new InboxMarks(), _epoch, 2_000, 1);
        for (var i = 0; i < 6; i++) Mark($"m{i}", MarkAction.Read, [.. Enumerable.Range(0, 160).Select(n => 1L + i + 12 * n)]); // 160 ranges each
        Assert.InRange(_state.ToMarks().Undo.Length, 2_000, UndoHistory.MaxLength);
        Assert.Throws<UndoExpiredException>(() => _state.Undo("m0", _now));
        Assert.Equal(160, Assert.Single(_state.Undo("m5", _now).Changes).Seqs.Count);
    }

    [Fact]
    public void It_is_stored_with_the_marks_and_what_the_log_lost_or_dropped_is_not_in_it()
    {
        Mark("a", MarkAction.Read, 1, 2, 9, 10);
        Assert.Equal($"a:read:{_now.ToUnixTimeMilliseconds()}:1-2,9-10;", _state.ToMarks().Undo);
        Assert.Equal(_state, InboxState.Of(_state.ToMarks(), _epoch, 10, 1));
        _state = InboxState.Of(_state.ToMarks(), _epoch, head: 9, floor: 2);
        Mark("b", MarkAction.Seen);
        Assert.StartsWith($"a:read:{_now.ToUnixTimeMilliseconds()}:2,9;", _state.ToMarks().Undo, StringComparison.Ordinal);
        Assert.Equal([2, 9], Assert.Single(Do(_state.Undo("a", _now))).Seqs);
    }

    [Theory]
    [InlineData("a:fly:1:1;")]
    [InlineData("a:read:-1:1;")]
    [InlineData("a:read:1:2,1;")]
    [InlineData("a:read;")]
    public void What_cannot_be_read_is_refused(string text) => Assert.Throws<FormatException>(() => UndoHistory.Parse(text));

    private void Mark(string token, MarkAction action, params long[] seqs) => Do(_state.Apply(action == MarkAction.Seen
        ? new MarkRequest { Action = action, All = true, Undo = token }
        : new MarkRequest { Action = action, Ids = [.. seqs.Select(seq => new NotificationId(_epoch, seq))], Undo = token }, now: _now));

    private IReadOnlyList<MarkChange> Do((InboxState Next, IReadOnlyList<MarkChange> Changes) made)
    {
        Assert.Equal(_state.MarksVersion + made.Changes.Count, made.Next.MarksVersion);
        _state = made.Next;
        return made.Changes;
    }

    private static IEnumerable<(bool, bool, bool)> Flags(InboxState state) =>
        Enumerable.Range(1, (int)state.Head).Select(seq => (state.IsRead(seq), state.IsArchived(seq), state.IsSeen(seq)));
}
