namespace OrleansInbox;

/// <summary>How marks are taken back.</summary>
public sealed partial record InboxState
{
    /// <summary>See <see cref="UndoHistory"/>.</summary>
    private string _undo = "";

    /// <summary>Restores the flags that a mark changed and nobody changed since. A second time there are none: idempotent.</summary>
    /// <param name="token"><see cref="MarkRequest.Undo"/> of the mark.</param>
    /// <param name="now">The time.</param>
    /// <exception cref="UndoExpiredException">The mark was too long ago, or too many came after it.</exception>
    public (InboxState Next, IReadOnlyList<MarkChange> Changes) Undo(string token, DateTimeOffset now)
    {
        if (UndoHistory.Parse(_undo).Find(token, now) is not var (action, seqs)) throw new UndoExpiredException();
        seqs = seqs.TrimBelow(Floor);
        return Noted(action == MarkAction.Seen ? SeenBefore(seqs) : Each(Opposite(action), seqs.Within(Floor, Head).SelectMany(range => range.Seqs)));
    }

    /// <summary>The cursor goes back, if it still stands where that mark put it.</summary>
    private (InboxState, IReadOnlyList<MarkChange>) SeenBefore(SeqRanges seqs)
    {
        if (seqs.IsEmpty || seqs[0].To != Seen) return (this, _none);
        var (next, change) = Changed(this with { _seen = seqs[0].From - 1 }, MarkAction.Seen, new(Epoch, seqs[0].From - 1), []);
        return (next, [change]);
    }

    private static MarkAction Opposite(MarkAction action) => action switch
    {
        MarkAction.Read => MarkAction.Unread,
        MarkAction.Unread => MarkAction.Read,
        MarkAction.Archive => MarkAction.Unarchive,
        _ => MarkAction.Archive,
    };

    /// <summary>What the change has done is no longer for earlier marks to take back, but for its own token, when it has one.</summary>
    private (InboxState, IReadOnlyList<MarkChange>) Noted((InboxState Next, IReadOnlyList<MarkChange> Changes) made, string? token = null, MarkAction action = default, DateTimeOffset now = default)
    {
        if (Head == 0 || (token is null && (_undo.Length == 0 || made.Changes.Count == 0))) return made;
        var (read, archived) = (Difference(_read, made.Next._read), Difference(_archived, made.Next._archived));
        var history = UndoHistory.Parse(_undo);
        history.Except(read, archived);
        history.Cut(Floor, Head);
        if (token is not null)
        {
            history.Add(token, action, now, action switch
            {
                MarkAction.Read or MarkAction.Unread => read,
                MarkAction.Seen => SeqRanges.Of(Seen + 1, made.Next.Seen),
                _ => archived,
            });
        }
        return (made.Next with { _undo = history.ToString() }, made.Changes);
    }

    private static SeqRanges Difference(SeqRanges before, SeqRanges after) => ReferenceEquals(before, after) ? SeqRanges.Empty : before.Except(after).Union(after.Except(before));
}
