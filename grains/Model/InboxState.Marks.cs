namespace OrleansInbox;

/// <summary>What marks and deletes do. No changes: nothing to write, nobody to tell.</summary>
public sealed partial record InboxState
{
    private static readonly MarkChange[] _none = [];

    /// <param name="request"><see cref="MarkRequest.Ids"/> of another epoch, and those that are not kept, are passed over.</param>
    /// <param name="seqs">Those of <see cref="MarkRequest.Group"/>, <see cref="MarkRequest.Types"/> or <see cref="MarkRequest.CollapseKey"/>, when that is given; any range that is given too is theirs already.</param>
    /// <param name="now">The time, for <see cref="MarkRequest.Undo"/>.</param>
    /// <exception cref="ArgumentException">The request breaks <see cref="MarkRules"/>.</exception>
    /// <exception cref="InvalidMarkException"><see cref="MarkRequest.UpTo"/> is of another epoch: the caller means another inbox than this one.</exception>
    public (InboxState Next, IReadOnlyList<MarkChange> Changes) Apply(MarkRequest request, IReadOnlyList<long>? seqs = null, DateTimeOffset now = default)
    {
        if (MarkRules.Check(request) is { } errors) throw new ArgumentException(NotificationRules.InOneLine(errors), nameof(request));
        if (request.UpTo is { } other && other.Epoch != Epoch) throw new InvalidMarkException($"{other} is no id of this inbox as it is now.") { Field = "upTo" };
        return Noted(Made(request, seqs), request.Undo, request.Action, now);
    }

    private (InboxState, IReadOnlyList<MarkChange>) Made(MarkRequest request, IReadOnlyList<long>? seqs)
    {
        if (request.IsByContent || request.CollapseKey is not null) return Each(request.Action, seqs ?? throw new ArgumentNullException(nameof(seqs), "A mark by group, type or key needs the seqs."));
        if (request.All) return UpTo(request.Action, Head);
        if (request.UpTo is { } upTo) return UpTo(request.Action, Math.Min(upTo.Seq, Head));
        return Each(request.Action, request.Ids!.Where(id => id.Epoch == Epoch).Select(id => id.Seq));
    }

    /// <summary>Sets the flags of one notification. Two flags are two changes, since a live client is told of one action at a time.</summary>
    public (InboxState Next, IReadOnlyList<MarkChange> Changes) Patch(long seq, bool? read, bool? archived)
    {
        var (next, changes) = (this, new List<MarkChange>(2));
        if (read is { } isRead) Mark(isRead ? MarkAction.Read : MarkAction.Unread);
        if (archived is { } isArchived) Mark(isArchived ? MarkAction.Archive : MarkAction.Unarchive);
        return Noted((next, changes));

        void Mark(MarkAction action)
        {
            (next, var made) = next.Each(action, [seq]);
            changes.AddRange(made);
        }
    }

    /// <summary>Removes notifications; those that are not there are passed over.</summary>
    public (InboxState Next, IReadOnlyList<MarkChange> Changes) Delete(IEnumerable<long> seqs) => Noted(Each(MarkAction.Delete, seqs));

    private (InboxState, IReadOnlyList<MarkChange>) UpTo(MarkAction action, long to)
    {
        if (to < Floor) return (this, _none);
        if (action == MarkAction.Delete) return Each(action, _deleted.Gaps(Floor, to).SelectMany(range => range.Seqs));
        var next = action switch
        {
            MarkAction.Read => this with { _read = _read.Add(Floor, to) },
            MarkAction.Unread => this with { _read = WithoutFlag(_read, to) },
            MarkAction.Archive => this with { _archived = _archived.Add(Floor, to) },
            MarkAction.Unarchive => this with { _archived = WithoutFlag(_archived, to) },
            _ => to > Seen ? this with { _seen = to } : this,
        };
        if (next == this) return (this, _none);
        (next, var change) = Changed(next, action, new(Epoch, to), []);
        return (next, [change]);
    }

    /// <summary>The flag taken from everything up to there, but not from the deleted.</summary>
    private SeqRanges WithoutFlag(SeqRanges flag, long to) => flag.Except(SeqRanges.Of(Floor, to).Except(_deleted));

    /// <summary>Each of these. At most <see cref="MarkRequest.MaxIds"/> are one change, since a change is one event.</summary>
    private (InboxState, IReadOnlyList<MarkChange>) Each(MarkAction action, IEnumerable<long> seqs)
    {
        var flag = action is MarkAction.Read or MarkAction.Unread ? _read : _archived;
        var isSet = action is MarkAction.Read or MarkAction.Archive;
        var changed = Sorted(seqs.Where(seq => IsKept(seq) && (action == MarkAction.Delete || flag.Contains(seq) != isSet)));
        if (changed.Length == 0) return (this, _none);
        var (next, changes) = (this, new List<MarkChange>(1));
        foreach (var some in changed.Length <= MarkRequest.MaxIds ? [changed] : changed.Chunk(MarkRequest.MaxIds))
        {
            (next, var change) = Changed(next.With(action, SeqRanges.Of(some)), action == MarkAction.Delete ? null : action, null, some);
            changes.Add(change);
        }
        return (next, changes);
    }

    private InboxState With(MarkAction action, SeqRanges seqs) => action switch
    {
        MarkAction.Read => this with { _read = _read.Union(seqs) },
        MarkAction.Unread => this with { _read = _read.Except(seqs) },
        MarkAction.Archive => this with { _archived = _archived.Union(seqs) },
        MarkAction.Unarchive => this with { _archived = _archived.Except(seqs) },
        MarkAction.Delete => this with { _deleted = _deleted.Union(seqs), _read = _read.Union(seqs), _archived = _archived.Union(seqs), _acted = ActedWithout(_acted, seqs) },
        _ => throw new ArgumentOutOfRangeException(nameof(action), action, "Seen is a cursor."),
    };

    /// <param name="action">Null when it is none of marks.</param>
    private static (InboxState, MarkChange) Changed(InboxState next, MarkAction? action, NotificationId? upTo, long[] seqs)
    {
        next = (next with { MarksVersion = next.MarksVersion + 1 }).Recounted();
        return (next, new MarkChange { Action = action, UpTo = upTo, Epoch = next.Epoch, Seqs = seqs, MarksVersion = next.MarksVersion, Counts = next.Counts });
    }

    private static long[] Sorted(IEnumerable<long> seqs)
    {
        var sorted = seqs.Distinct().ToArray();
        Array.Sort(sorted);
        return sorted;
    }
}
