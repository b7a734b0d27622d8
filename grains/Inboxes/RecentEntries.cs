namespace OrleansInbox.Inboxes;

/// <summary>The newest entries of the log, as far as they are in memory: bounded by count and bytes, nothing until somebody reads.</summary>
internal sealed class RecentEntries
{
    public const int MaxCount = 32;
    public const int MaxBytes = 64 * 1024;

    private List<StoredEntry>? _entries;
    private int _bytes;
    private long _to;

    /// <summary>Every entry of the log from this seq on is here; above the head when none is.</summary>
    public long From { get; private set; } = long.MaxValue;

    public bool IsLoaded => _entries is not null;

    public void Clear() => (_entries, _bytes, From, _to) = (null, 0, long.MaxValue, 0);

    /// <summary>Begins with all that the log holds from <paramref name="from"/> to <paramref name="head"/>, oldest first.</summary>
    public void Load(long from, long head, IEnumerable<StoredEntry> entries)
    {
        Clear();
        _entries = [];
        From = from;
        foreach (var entry in entries) Add(entry);
        _to = head;
    }

    /// <summary>The log's newest entry; one that is here already (loaded before its append was answered) is passed over.</summary>
    public void Add(StoredEntry entry)
    {
        if (_entries is null || entry.Seq <= _to) return;
        _to = entry.Seq;
        _entries.Add(entry);
        _bytes += entry.Json.Length;
        while (_entries.Count > MaxCount || (_bytes > MaxBytes && _entries.Count > 1))
        {
            _bytes -= _entries[0].Json.Length;
            From = _entries[0].Seq + 1;
            _entries.RemoveAt(0);
        }
    }

    /// <summary>Those within the range, at most <paramref name="max"/>.</summary>
    /// <param name="from">At or above <see cref="From"/>.</param>
    public List<StoredEntry> Within(long from, long to, int max, bool newestFirst)
    {
        var found = new List<StoredEntry>(Math.Min(max, MaxCount));
        if (_entries is null) return found;
        for (var i = 0; i < _entries.Count && found.Count < max; i++)
        {
            var entry = _entries[newestFirst ? _entries.Count - 1 - i : i];
            if (entry.Seq >= from && entry.Seq <= to) found.Add(entry);
        }
        return found;
    }
}

/// <summary>A notification's JSON as the log holds it: without id and flags.</summary>
internal readonly record struct StoredEntry(long Seq, byte[] Json);
