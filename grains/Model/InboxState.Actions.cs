namespace OrleansInbox;

/// <summary>What was chosen of notifications' actions: the first choice wins, and is kept as long as the notification.</summary>
public sealed partial record InboxState
{
    /// <summary>In the order of seqs.</summary>
    private Acted[] _acted = [];

    /// <summary>What a list shows of a notification beside what was published.</summary>
    public ItemFlags FlagsOf(long seq) => new(IsRead(seq), IsSeen(seq), IsArchived(seq), ActedOf(seq));

    public Acted? ActedOf(long seq) => _acted.Length > 0 && IndexOfActed(seq) is >= 0 and var index ? _acted[index] : null;

    /// <summary>Notes the choice, and that the notification was read. Two changes, since a live client is told of one at a time. Idempotent.</summary>
    /// <exception cref="AlreadyActedException">Another one was chosen before.</exception>
    public (InboxState Next, IReadOnlyList<MarkChange> Changes) Act(long seq, string action, DateTimeOffset now)
    {
        if (!IsKept(seq)) return (this, _none);
        if (ActedOf(seq) is { } before && before.Action != action) throw new AlreadyActedException(before.Action);
        var (next, changes) = Patch(seq, read: true, archived: null);
        if (next.ActedOf(seq) is not null) return (next, changes);
        var at = ~next.IndexOfActed(seq);
        var acted = new Acted(seq, action, now.ToUnixTimeMilliseconds());
        next = next with { _acted = [.. next._acted[..at], acted, .. next._acted[at..]] };
        (next, var change) = Changed(next, null, null, [seq]);
        return (next, [.. changes, change with { Acted = acted }]);
    }

    private static Acted[] ActedFrom(Acted[] acted, long floor)
    {
        var first = 0;
        while (first < acted.Length && acted[first].Seq < floor) first++;
        return first == 0 ? acted : acted[first..];
    }

    private static Acted[] ActedWithout(Acted[] acted, SeqRanges deleted) => acted.Length == 0 ? acted : Array.FindAll(acted, one => !deleted.Contains(one.Seq));

    private int IndexOfActed(long seq)
    {
        int low = 0, high = _acted.Length;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_acted[middle].Seq < seq) low = middle + 1;
            else high = middle;
        }
        return low < _acted.Length && _acted[low].Seq == seq ? low : ~low;
    }
}

/// <param name="Acted">What was chosen; null when nothing was.</param>
public readonly record struct ItemFlags(bool Read, bool Seen, bool Archived, Acted? Acted = null);
