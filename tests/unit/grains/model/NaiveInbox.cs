namespace OrleansInbox.Tests.Grains.Model;

/// <summary>The inbox as one would write it without thinking: a list of notifications with flags, counted anew each time.</summary>
internal sealed class NaiveInbox
{
    private readonly List<Note> _notes = [];

    public long Epoch { get; private set; }
    public long Head => _notes.Count;
    public long SeenUpTo { get; private set; }
    private long SeenBefore { get; set; }
    private string? SeenBy { get; set; }
    public long Floor { get; private set; } = 1;

    /// <summary>Grows when anything that can be seen changes, appends aside.</summary>
    public bool Changed { get; set; }

    public IEnumerable<Note> Kept => _notes.Where(note => note.Seq >= Floor && !note.Deleted);
    public long Unread => Kept.Count(note => !note.Archived && !note.Read);
    public long Unseen => Kept.Count(note => !note.Archived && !note.Read && note.Seq > SeenUpTo);

    public void StartEpoch(long epoch) => Epoch = epoch;

    public void Append(int count, string group)
    {
        for (var i = 0; i < count; i++) _notes.Add(new Note { Seq = Head + 1, Group = group });
    }

    public void KeepNewest(int max)
    {
        while (Kept.Count() > max) Floor = Kept.First().Seq + 1;
    }

    public void MoveFloor(long floor) => Floor = Math.Max(Floor, Math.Min(floor, Head + 1));

    public void Erase()
    {
        _notes.Clear();
        (Epoch, SeenUpTo, SeenBy, Floor) = (0, 0, null, 1);
    }

    public long[] SeqsOf(string group) => [.. _notes.Where(note => note.Group == group).Select(note => note.Seq)];

    /// <returns>What really changed.</returns>
    public long[] Mark(MarkAction action, Func<Note, bool> which, string? by = null)
    {
        var changed = Kept.Where(which).Where(note => note.Set(action, by)).Select(note => note.Seq).ToArray();
        Changed |= changed.Length > 0;
        return changed;
    }

    public void See(long upTo, string? by = null)
    {
        upTo = Math.Min(upTo, Head);
        if (upTo < Floor || upTo <= SeenUpTo) return;
        (SeenBefore, SeenBy) = (SeenUpTo, by);
        SeenUpTo = upTo;
        Changed = true;
    }

    public long[] Undo(MarkAction action, string by)
    {
        if (action == MarkAction.Seen)
        {
            if (SeenBy != by || SeenUpTo < Floor) return [];
            (SeenUpTo, SeenBy, Changed) = (SeenBefore, null, true);
            return [];
        }
        var isRead = action is MarkAction.Read or MarkAction.Unread;
        var opposite = action switch { MarkAction.Read => MarkAction.Unread, MarkAction.Unread => MarkAction.Read, MarkAction.Archive => MarkAction.Unarchive, _ => MarkAction.Archive };
        return Mark(opposite, note => (isRead ? note.ReadBy : note.ArchivedBy) == by);
    }

    public long[] Delete(ICollection<long> seqs)
    {
        var gone = Kept.Where(note => seqs.Contains(note.Seq)).ToArray();
        foreach (var note in gone) note.Deleted = true;
        Changed |= gone.Length > 0;
        return [.. gone.Select(note => note.Seq)];
    }

    public long[] Matching(StatusFilter status) => [.. Kept.Where(note => status switch
    {
        StatusFilter.Inbox => !note.Archived,
        StatusFilter.Unread => !note.Archived && !note.Read,
        StatusFilter.Read => !note.Archived && note.Read,
        StatusFilter.Archived => note.Archived,
        _ => true,
    }).Select(note => note.Seq)];

    /// <summary>How many stretches of neighbours have the flag, from the floor on.</summary>
    public int Runs(Func<Note, bool> flag)
    {
        var (runs, inside) = (0, false);
        foreach (var note in _notes.Where(note => note.Seq >= Floor))
        {
            if (flag(note) && !inside) runs++;
            inside = flag(note);
        }
        return runs;
    }

    internal sealed class Note
    {
        public required long Seq { get; init; }
        public required string Group { get; init; }
        public bool Read { get; private set; }
        public bool Archived { get; private set; }

        /// <summary>Who changed it last.</summary>
        public string? ReadBy { get; private set; }
        public string? ArchivedBy { get; private set; }
        public bool Deleted { get; set; }

        public bool Set(MarkAction action, string? by)
        {
            var before = (Read, Archived);
            if (action == MarkAction.Read) Read = true;
            if (action == MarkAction.Unread) Read = false;
            if (action == MarkAction.Archive) Archived = true;
            if (action == MarkAction.Unarchive) Archived = false;
            if (Read != before.Read) ReadBy = by;
            if (Archived != before.Archived) ArchivedBy = by;
            return before != (Read, Archived);
        }
    }
}
