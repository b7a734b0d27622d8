namespace OrleansInbox;

/// <summary>
/// What an inbox shows: which notifications are kept, their flags and the counts. Pure and immutable; each change answers a new state.
/// Appends and the floor cost the same however large the inbox is; marks cost as much as there are ranges.
/// </summary>
/// <remarks>
/// A deleted seq counts as read and archived in the marks, so that "read up to" stays one range across the deleted ones; and unread is then simply
/// what is neither read nor archived. No mark lies below the floor or above the head.
/// </remarks>
public sealed partial record InboxState
{
    private SeqRanges _read = SeqRanges.Empty;
    private SeqRanges _archived = SeqRanges.Empty;
    private SeqRanges _deleted = SeqRanges.Empty;
    private long _seen;
    private long _total;
    private long _unread;
    private long _unseen;

    private InboxState() { }

    /// <summary>0 before the birth.</summary>
    public long Epoch { get; private init; }

    /// <summary>The highest seq ever assigned in this epoch; 0 when there is none.</summary>
    public long Head { get; private init; }

    /// <summary>The first seq that retention keeps; above the head when it keeps none.</summary>
    public long Floor { get; private init; } = 1;

    /// <summary>Grows by 1 with every <see cref="MarkChange"/>.</summary>
    public long MarksVersion { get; private init; }

    /// <summary>The cursor: what lies above was not seen, unless it was read.</summary>
    public long Seen => Math.Max(_seen, Floor - 1);

    public NotificationId HeadId => new(Epoch, Head);
    public NotificationId FloorId => new(Epoch, Floor);

    /// <summary>
    /// Both the marks' version and the floor only ever grow, so their sum changes with either, and an append that drops something is another
    /// version too. It is not stored with an append: it follows from what the log holds.
    /// </summary>
    public long Version => MarksVersion + Floor - 1;

    public InboxCounts Counts => new()
    {
        Unread = _unread,
        Unseen = _unseen,
        Total = _total,
        Head = Head == 0 ? null : HeadId,
        Version = Version,
    };

    /// <summary>The counts of some notifications alone. What they say never changes, so that the version of the inbox names these counts too.</summary>
    /// <param name="seqs">Kept ones.</param>
    public InboxCounts CountsOf(IReadOnlyList<long> seqs)
    {
        var unread = seqs.Where(seq => !IsRead(seq) && !IsArchived(seq)).ToList();
        return Counts with { Total = seqs.Count, Unread = unread.Count, Unseen = unread.Count(seq => seq > Seen) };
    }

    /// <summary>
    /// What storage says. Marks of another epoch mean nothing here, marks above the head are of entries that the log lost. In both cases
    /// <see cref="MarksVersion"/> is above the stored one: then write the marks before the next append, or they would mark what comes.
    /// </summary>
    /// <param name="marks">As stored.</param>
    /// <param name="epoch">The log's; 0 when there is none.</param>
    /// <param name="head">The log's head; 0 when there is none.</param>
    /// <param name="floor">The first seq that is in the log and young enough; <paramref name="head"/> + 1 when none is. Then drop by count with <see cref="KeepingNewest"/>.</param>
    /// <param name="skipped">Seqs that were never assigned, or are of lost entries: as if deleted.</param>
    public static InboxState Of(InboxMarks marks, long epoch, long head, long floor, SeqRanges? skipped = null)
    {
        skipped ??= SeqRanges.Empty;
        if (marks.Epoch != epoch)
        {
            // 0: nothing was marked since the erase, so nothing is dropped. Else the erase itself was not noted: go on as Erased does.
            var version = marks.Epoch == 0 ? marks.Version : marks.Version + Math.Max(1, marks.Floor);
            floor = Math.Clamp(floor, 1, head + 1);
            skipped = skipped.TrimBelow(floor);
            return new InboxState { Epoch = epoch, Head = head, Floor = floor, MarksVersion = version, _deleted = skipped, _read = skipped, _archived = skipped }.Recounted().WithStoredPreferences(marks.Preferences);
        }
        floor = Math.Clamp(Math.Max(floor, marks.Floor), 1, head + 1);
        var deleted = SeqRanges.Parse(marks.Deleted).Union(skipped);
        var state = new InboxState
        {
            Epoch = epoch,
            Head = head,
            Floor = floor,
            MarksVersion = marks.Version,
            _deleted = deleted.TrimBelow(floor),
            _read = SeqRanges.Parse(marks.Read).Union(deleted).TrimBelow(floor),
            _archived = SeqRanges.Parse(marks.Archived).Union(deleted).TrimBelow(floor),
            _seen = marks.Seen,
            _undo = marks.Undo,
            _acted = ActedWithout(ActedFrom(Acted.Parse(marks.Acted), floor), deleted),
        };
        return state.WithoutMarksAbove(head).Recounted().WithStoredPreferences(marks.Preferences);
    }

    public InboxMarks ToMarks() => new()
    {
        Epoch = Head == 0 ? 0 : Epoch,
        Version = MarksVersion,
        Read = _read.ToString(),
        Archived = _archived.ToString(),
        Deleted = _deleted.ToString(),
        Seen = _seen,
        Floor = Floor,
        Undo = _undo,
        Acted = Acted.ToText(_acted),
        Preferences = _preferences,
    };

    /// <summary>The first epoch, or the next one after an erase.</summary>
    public InboxState StartEpoch(long epoch) => Head == 0
        ? this with { Epoch = epoch }
        : throw new InvalidOperationException($"The inbox lives already, in epoch {Epoch}; only an erased one is born again.");

    /// <summary>Nothing is there any more; the version goes on above all before, so that nobody takes the next life for this one.</summary>
    public InboxState Erased() => Forgotten() with { _preferences = _preferences, Preferences = Preferences };

    /// <summary>Likewise, and nothing that the user wanted is known.</summary>
    public InboxState Forgotten() => new() { MarksVersion = Version + 1 };

    /// <summary>The log took so many more; the newest <paramref name="maxCount"/> are kept.</summary>
    public InboxState Appended(long count, long maxCount) => (this with
    {
        Head = Head + count,
        _total = _total + count,
        _unread = _unread + count,
        _unseen = _unseen + count,
    }).KeepingNewest(maxCount);

    /// <summary>Only the newest <paramref name="maxCount"/> are kept; the deleted ones do not count.</summary>
    public InboxState KeepingNewest(long maxCount)
    {
        var drop = _total - maxCount;
        if (drop <= 0) return this;
        foreach (var kept in _deleted.Gaps(Floor, Head))
        {
            if (kept.Count >= drop) return WithFloor(kept.From + drop);
            drop -= kept.Count;
        }
        return WithFloor(Head + 1);
    }

    /// <summary>What lies below is too old; the floor never goes back.</summary>
    public InboxState WithFloor(long floor)
    {
        floor = Math.Min(floor, Head + 1);
        if (floor <= Floor) return this;
        var last = floor - 1;
        return this with
        {
            Floor = floor,
            _read = _read.TrimBelow(floor),
            _archived = _archived.TrimBelow(floor),
            _deleted = _deleted.TrimBelow(floor),
            _acted = ActedFrom(_acted, floor),
            _total = _total - CountKept(Floor, last),
            _unread = _unread - CountUnread(Floor, last),
            _unseen = _unseen - CountUnread(Seen + 1, last),
        };
    }

    public bool IsKept(long seq) => seq >= Floor && seq <= Head && !_deleted.Contains(seq);
    public bool IsRead(long seq) => _read.Contains(seq);
    public bool IsArchived(long seq) => _archived.Contains(seq);
    public bool IsSeen(long seq) => seq <= Seen || IsRead(seq);

    /// <summary>A notification of this epoch that is still there.</summary>
    public bool IsKept(NotificationId id) => id.Epoch == Epoch && IsKept(id.Seq);

    /// <summary>Whether a notification is there and has the status.</summary>
    public bool Has(StatusFilter status, long seq) => IsKept(seq) && status switch
    {
        StatusFilter.Inbox => !IsArchived(seq),
        StatusFilter.Unread => !IsArchived(seq) && !IsRead(seq),
        StatusFilter.Read => !IsArchived(seq) && IsRead(seq),
        StatusFilter.Archived => IsArchived(seq),
        _ => true,
    };

    /// <summary>The seqs of the window that have the status, as ranges, found one by one: what the log has to be read for.</summary>
    public IEnumerable<SeqRange> Matching(StatusFilter status, long from, long to, bool newestFirst)
    {
        (from, to) = (Math.Max(from, Floor), Math.Min(to, Head));
        return status switch
        {
            StatusFilter.Inbox => _archived.Gaps(from, to, newestFirst),
            StatusFilter.Unread => _archived.Gaps(from, to, newestFirst).SelectMany(inbox => _read.Gaps(inbox.From, inbox.To, newestFirst)),
            StatusFilter.Read => _archived.Gaps(from, to, newestFirst).SelectMany(inbox => _read.Within(inbox.From, inbox.To, newestFirst)),
            StatusFilter.Archived => _deleted.Gaps(from, to, newestFirst).SelectMany(kept => _archived.Within(kept.From, kept.To, newestFirst)),
            StatusFilter.All => _deleted.Gaps(from, to, newestFirst),
            _ => throw new ArgumentOutOfRangeException(nameof(status), status, "No such status."),
        };
    }

    private InboxState WithoutMarksAbove(long head)
    {
        var cut = this with
        {
            _read = _read.Remove(head + 1, long.MaxValue),
            _archived = _archived.Remove(head + 1, long.MaxValue),
            _deleted = _deleted.Remove(head + 1, long.MaxValue),
            _seen = Math.Min(_seen, head),
            _acted = _acted.Length == 0 || _acted[^1].Seq <= head ? _acted : Array.FindAll(_acted, one => one.Seq <= head),
        };
        if (cut == this) return this;
        var history = UndoHistory.Parse(_undo);
        history.Cut(Floor, head);
        return cut with { MarksVersion = MarksVersion + 1, _undo = history.ToString() };
    }

    private InboxState Recounted() => this with
    {
        _total = CountKept(Floor, Head),
        _unread = CountUnread(Floor, Head),
        _unseen = CountUnread(Seen + 1, Head),
    };

    /// <summary>How many of these seqs, which are within floor and head, are kept.</summary>
    public long CountKept(long from, long to) => Length(from, to) - _deleted.CountWithin(from, to);

    private long CountUnread(long from, long to)
    {
        if (_archived.IsEmpty) return Length(from, to) - _read.CountWithin(from, to);
        var count = 0L;
        foreach (var inbox in _archived.Gaps(from, to)) count += inbox.Count - _read.CountWithin(inbox.From, inbox.To);
        return count;
    }

    private static long Length(long from, long to) => Math.Max(0, to - from + 1);
}
