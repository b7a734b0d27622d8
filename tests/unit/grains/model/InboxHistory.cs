namespace OrleansInbox.Tests.Grains.Model;

/// <summary>One random life of an inbox, lived by the state and by the naive model side by side; compared after every step.</summary>
internal sealed class InboxHistory(int seed)
{
    private static readonly StatusFilter[] _filters = Enum.GetValues<StatusFilter>();
    private static readonly string[] _groups = ["a", "b", "c"];

    private readonly Random _random = new(seed);
    private readonly NaiveInbox _model = new();
    private readonly List<string> _steps = [];
    private InboxState _state = InboxState.Of(new InboxMarks(), 0, 0, 1);
    private InboxMarks _stored = new();
    private long _tooOld = 1;
    private long _epoch = 1_000;
    private int _maxCount;
    private DateTimeOffset _now = DateTimeOffset.UnixEpoch;
    private readonly List<(string Token, MarkAction Action, DateTimeOffset At)> _marks = [];

    public void Live(int steps)
    {
        _maxCount = _random.Next(1, 40);
        try
        {
            for (var i = 0; i < steps; i++)
            {
                var before = _state;
                _model.Changed = false;
                Step();
                Agree(before);
            }
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException($"seed {seed}, keeping {_maxCount}, after: {string.Join("; ", _steps)}\n{exception.Message}", exception);
        }
    }

    private void Step()
    {
        switch (_random.Next(20))
        {
            case < 6: Append(); break;
            case < 12: MarkAtRandom(); break;
            case < 14: Delete(); break;
            case < 16: Patch(); break;
            case 16: Age(); break;
            case 17: Reload(); break;
            case 18: Undo(); break;
            default:
                if (_random.Next(8) == 0) Erase();
                break;
        }
    }

    private void Append()
    {
        if (_model.Head == 0)
        {
            _epoch += _random.Next(1, 5);
            _model.StartEpoch(_epoch);
            _state = _state.StartEpoch(_epoch);
        }
        var (count, group) = (_random.Next(1, _random.Next(2, 12)), _groups[_random.Next(_groups.Length)]);
        _steps.Add($"append {count} of {group}");
        _model.Append(count, group);
        _model.KeepNewest(_maxCount);
        _state = _state.Appended(count, _maxCount);
    }

    private void MarkAtRandom()
    {
        var action = (MarkAction)_random.Next(5);
        var isRange = action == MarkAction.Seen || _random.Next(2) == 0;
        if (isRange) MarkRange(action);
        else if (action is MarkAction.Read or MarkAction.Archive && _random.Next(3) == 0) MarkGroup(action);
        else MarkIds(action);
    }

    private void MarkRange(MarkAction action)
    {
        var all = _random.Next(5) == 0;
        var upTo = all ? (NotificationId?)null : SomeId();
        _steps.Add($"{action} up to {upTo}");
        if (upTo is { } other && other.Epoch != _model.Epoch)
        {
            Assert.Throws<InvalidMarkException>(() => _state.Apply(new MarkRequest { Action = action, UpTo = other }));
            return;
        }
        var to = upTo?.Seq ?? long.MaxValue;
        var token = Token(action);
        if (action == MarkAction.Seen) _model.See(to, token);
        else _model.Mark(action, note => note.Seq <= to, token);
        var change = Take(_state.Apply(new MarkRequest { Action = action, All = all, UpTo = upTo, Undo = token }, now: _now), token);
        if (change is null) return;
        Assert.Equal(action, change.Action);
        Assert.Equal(new NotificationId(_model.Epoch, Math.Min(to, _model.Head)), change.UpTo);
        Assert.Empty(change.Seqs);
    }

    private void MarkIds(MarkAction action)
    {
        var ids = Enumerable.Range(0, _random.Next(0, 8)).Select(_ => SomeId()).ToArray();
        _steps.Add($"{action} {string.Join(',', ids)}");
        var token = Token(action);
        var changed = _model.Mark(action, note => ids.Contains(new NotificationId(_model.Epoch, note.Seq)), token);
        var change = Take(_state.Apply(new MarkRequest { Action = action, Ids = ids, Undo = token }, now: _now), token);
        Assert.Equal(changed, change?.Seqs ?? []);
    }

    private void MarkGroup(MarkAction action)
    {
        var group = _groups[_random.Next(_groups.Length)];
        _steps.Add($"{action} group {group}");
        var token = Token(action);
        var changed = _model.Mark(action, note => note.Group == group, token);
        var change = Take(_state.Apply(new MarkRequest { Action = action, Group = group, Undo = token }, _model.SeqsOf(group), _now), token);
        Assert.Equal(changed, change?.Seqs ?? []);
    }

    private string? Token(MarkAction action)
    {
        if (_random.Next(4) == 0) return null;
        var token = $"t{_steps.Count}";
        _steps.Add($"as {token}");
        if (_model.Head == 0) return token; // there is nothing to take back
        _marks.Add((token, action, _now));
        return token;
    }

    private void Undo()
    {
        if (_random.Next(6) == 0) _now += TimeSpan.FromMinutes(_random.Next(1, 12));
        if (_marks.Count == 0) return;
        var (token, action, at) = _marks[^_random.Next(1, Math.Min(_marks.Count, 12) + 1)];
        _steps.Add($"undo {token} at {_now}");
        if (_now - at >= UndoHistory.MaxAge || _marks.FindIndex(mark => mark.Token == token) < _marks.Count - UndoHistory.MaxMarks)
        {
            Assert.Throws<UndoExpiredException>(() => _state.Undo(token, _now));
            return;
        }
        var changed = _model.Undo(action, token);
        var change = Take(_state.Undo(token, _now));
        Assert.Equal(changed, change?.Seqs ?? []);
    }

    private void Delete()
    {
        var seqs = Enumerable.Range(0, _random.Next(1, 6)).Select(_ => SomeId().Seq).ToArray();
        _steps.Add($"delete {string.Join(',', seqs)}");
        var gone = _model.Delete(seqs);
        var change = Take(_random.Next(2) == 0 ? _state.Delete(seqs)
            : _state.Apply(new MarkRequest { Action = MarkAction.Delete, Ids = [.. seqs.Select(seq => new NotificationId(_model.Epoch, seq))] }));
        Assert.Equal(gone, change?.Seqs ?? []);
        Assert.True(change is null or { Removed: true, UpTo: null });
    }

    private void Patch()
    {
        var (seq, read, archived) = (SomeId().Seq, SomeFlag(), SomeFlag());
        _steps.Add($"patch {seq} read {read} archived {archived}");
        var version = _state.MarksVersion;
        var expected = 0;
        if (read is { } isRead) expected += _model.Mark(isRead ? MarkAction.Read : MarkAction.Unread, note => note.Seq == seq).Length;
        if (archived is { } isArchived) expected += _model.Mark(isArchived ? MarkAction.Archive : MarkAction.Unarchive, note => note.Seq == seq).Length;
        (_state, var changes) = _state.Patch(seq, read, archived);
        Assert.Equal(Enumerable.Range(1, expected).Select(i => version + i), changes.Select(change => change.MarksVersion));
        Assert.All(changes, change => Assert.Equal([seq], change.Seqs));
        Assert.Equal(version + expected, _state.MarksVersion);
        if (expected > 0) _stored = _state.ToMarks();
    }

    private void Age()
    {
        _tooOld = Math.Max(_tooOld, _random.NextInt64(1, _model.Head + 3));
        _tooOld = Math.Min(_tooOld, _model.Head + 1);
        _steps.Add($"floor {_tooOld}");
        _model.MoveFloor(_tooOld);
        _state = _state.WithFloor(_tooOld);
    }

    /// <summary>The grain comes back: all it has is the marks as last written, and a log that may not have trimmed all that is below the floor.</summary>
    private void Reload()
    {
        var first = _random.NextInt64(_tooOld, _model.Floor + 1);
        _steps.Add($"reload from {first}");
        var reloaded = InboxState.Of(_stored, _model.Head == 0 ? 0 : _model.Epoch, _model.Head, first).KeepingNewest(_maxCount);
        Assert.Equal(_state, reloaded);
        _state = reloaded;
    }

    private void Erase()
    {
        _steps.Add("erase");
        _model.Erase();
        _marks.Clear();
        _tooOld = 1;
        _state = _state.Erased();
        _stored = _state.ToMarks();
        _model.Changed = true;
    }

    private MarkChange? Take((InboxState Next, IReadOnlyList<MarkChange> Changes) made, string? token = null)
    {
        var outcome = (made.Next, Change: made.Changes.SingleOrDefault());
        Assert.Equal(_model.Changed, outcome.Change is not null);
        if (outcome.Change is null && token is null) Assert.Same(_state, outcome.Next);
        if (outcome.Change is not null)
        {
            Assert.Equal(_state.MarksVersion + 1, outcome.Change.MarksVersion);
            Assert.Equal(outcome.Next.MarksVersion, outcome.Change.MarksVersion);
            Assert.Equal(outcome.Next.Counts, outcome.Change.Counts);
            Assert.Equal(_model.Epoch, outcome.Change.Epoch);
        }
        if (!ReferenceEquals(outcome.Next, _state)) _stored = outcome.Next.ToMarks();
        _state = outcome.Next;
        return outcome.Change;
    }

    private void Agree(InboxState before)
    {
        var kept = _model.Kept.ToDictionary(note => note.Seq);
        Assert.Equal((_model.Epoch, _model.Head, _model.Floor), (_state.Epoch, _state.Head, _state.Floor));
        Assert.Equal(new InboxCounts
        {
            Unread = _model.Unread,
            Unseen = _model.Unseen,
            Total = kept.Count,
            Head = _model.Head == 0 ? null : new(_model.Epoch, _model.Head),
            Version = _state.MarksVersion + _model.Floor - 1,
        }, _state.Counts);
        for (var seq = 0L; seq <= _model.Head + 2; seq++)
        {
            Assert.Equal(kept.TryGetValue(seq, out var note), _state.IsKept(seq));
            if (note is not null)
                Assert.Equal((note.Read, note.Archived, note.Read || seq <= _model.SeenUpTo || seq < _model.Floor), (_state.IsRead(seq), _state.IsArchived(seq), _state.IsSeen(seq)));
        }
        AgreeOnLists();
        AgreeOnVersions(before);
        var marks = _state.ToMarks();
        AssertMinimal(marks.Read, _model.Runs(note => note.Read || note.Deleted));
        AssertMinimal(marks.Archived, _model.Runs(note => note.Archived || note.Deleted));
        AssertMinimal(marks.Deleted, _model.Runs(note => note.Deleted));
    }

    private void AgreeOnLists()
    {
        var (from, to) = (_random.NextInt64(0, _model.Head + 3), _random.NextInt64(0, _model.Head + 3));
        foreach (var filter in _filters)
        {
            var expected = _model.Matching(filter);
            Assert.Equal(expected, Seqs(filter, 0, long.MaxValue, false));
            Assert.Equal(expected.Reverse(), Seqs(filter, 0, long.MaxValue, true));
            expected = [.. expected.Where(seq => seq >= from && seq <= to)];
            Assert.Equal(expected, Seqs(filter, from, to, false));
            Assert.Equal(expected.Reverse(), Seqs(filter, from, to, true));
        }
    }

    private void AgreeOnVersions(InboxState before)
    {
        if (_model.Changed) Assert.True(_state.Version > before.Version, "A change that can be seen left the version as it was.");
        else Assert.Equal(before.MarksVersion, _state.MarksVersion);
        Assert.True(_state.Version >= before.Version, "The version went back.");
        if (_state.Floor > before.Floor) Assert.True(_state.Version > before.Version, "Retention moved the floor and left the version as it was.");
    }

    private IEnumerable<long> Seqs(StatusFilter filter, long from, long to, bool newestFirst) =>
        _state.Matching(filter, from, to, newestFirst).SelectMany(range =>
        {
            var seqs = Enumerable.Range(0, (int)range.Count).Select(i => range.From + i);
            return newestFirst ? seqs.Reverse() : seqs;
        });

    private static void AssertMinimal(string text, int runs)
    {
        var ranges = SeqRanges.Parse(text);
        Assert.Equal(text, ranges.ToString());
        Assert.Equal(runs, ranges.Ranges);
        Assert.Equal(runs, text.Length == 0 ? 0 : text.Split(',').Length);
    }

    private bool? SomeFlag() => _random.Next(3) switch { 0 => null, 1 => true, _ => false };

    /// <summary>Mostly one that is there; also from before the floor, from after the head, and of other epochs.</summary>
    private NotificationId SomeId() => new(
        _random.Next(10) == 0 ? _epoch + _random.Next(-3, 4) : _model.Epoch,
        _random.Next(20) == 0 ? _model.Head + _random.Next(1, 4) : _random.NextInt64(Math.Max(0, _model.Floor - 3), _model.Head + 1));
}
