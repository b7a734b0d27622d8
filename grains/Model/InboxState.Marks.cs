namespace OrleansInbox;

/// <summary>What marks and deletes do. A change of null: nothing changed, nothing to write, nobody to tell.</summary>
public sealed partial record InboxState
{
    /// <param name="request">Ids of another epoch, and those that are not kept, are passed over.</param>
    /// <param name="groupSeqs">The seqs of <see cref="MarkRequest.Group"/>, when that is given.</param>
    /// <exception cref="ArgumentException">The request breaks <see cref="MarkRules"/>.</exception>
    public (InboxState Next, MarkChange? Change) Apply(MarkRequest request, IReadOnlyList<long>? groupSeqs = null)
    {
        if (MarkRules.Check(request) is { } errors) throw new ArgumentException(NotificationRules.InOneLine(errors), nameof(request));
        if (request.All) return UpTo(request.Action, Head);
        if (request.UpTo is { } upTo) return upTo.Epoch == Epoch ? UpTo(request.Action, Math.Min(upTo.Seq, Head)) : (this, null);
        if (request.Ids is { } ids) return Single(request.Action, ids.Where(id => id.Epoch == Epoch).Select(id => id.Seq));
        return Single(request.Action, groupSeqs ?? throw new ArgumentNullException(nameof(groupSeqs), "A mark by group needs the group's seqs."));
    }

    /// <summary>Sets the flags of one notification. Two flags are two changes, since a live client is told of one action at a time.</summary>
    public (InboxState Next, IReadOnlyList<MarkChange> Changes) Patch(long seq, bool? read, bool? archived)
    {
        var (next, changes) = (this, new List<MarkChange>(2));
        if (read is { } isRead) Mark(isRead ? MarkAction.Read : MarkAction.Unread);
        if (archived is { } isArchived) Mark(isArchived ? MarkAction.Archive : MarkAction.Unarchive);
        return (next, changes);

        void Mark(MarkAction action)
        {
            (next, var change) = next.Single(action, [seq]);
            if (change is not null) changes.Add(change);
        }
    }

    /// <summary>Removes notifications; those that are not there are passed over.</summary>
    public (InboxState Next, MarkChange? Change) Delete(IReadOnlyList<long> seqs)
    {
        var gone = Sorted(seqs.Where(IsKept));
        if (gone.Length == 0) return (this, null);
        var ranges = SeqRanges.Of(gone);
        return Changed(this with { _deleted = _deleted.Union(ranges), _read = _read.Union(ranges), _archived = _archived.Union(ranges) }, null, null, gone);
    }

    private (InboxState, MarkChange?) UpTo(MarkAction action, long to)
    {
        if (to < Floor) return (this, null);
        var next = action switch
        {
            MarkAction.Read => this with { _read = _read.Add(Floor, to) },
            MarkAction.Unread => this with { _read = WithoutFlag(_read, to) },
            MarkAction.Archive => this with { _archived = _archived.Add(Floor, to) },
            MarkAction.Unarchive => this with { _archived = WithoutFlag(_archived, to) },
            _ => to > Seen ? this with { _seen = to } : this,
        };
        return next == this ? (this, null) : Changed(next, action, new(Epoch, to), []);
    }

    /// <summary>The flag taken from everything up to there, but not from the deleted.</summary>
    private SeqRanges WithoutFlag(SeqRanges flag, long to) => flag.Except(SeqRanges.Of(Floor, to).Except(_deleted));

    private (InboxState, MarkChange?) Single(MarkAction action, IEnumerable<long> seqs)
    {
        var isRead = action is MarkAction.Read or MarkAction.Unread;
        var isSet = action is MarkAction.Read or MarkAction.Archive;
        var flag = isRead ? _read : _archived;
        var changed = Sorted(seqs.Where(seq => IsKept(seq) && flag.Contains(seq) != isSet));
        if (changed.Length == 0) return (this, null);
        var ranges = SeqRanges.Of(changed);
        flag = isSet ? flag.Union(ranges) : flag.Except(ranges);
        return Changed(isRead ? this with { _read = flag } : this with { _archived = flag }, action, null, changed);
    }

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
