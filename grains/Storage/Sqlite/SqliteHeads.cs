namespace OrleansInbox.Storage.Sqlite;

/// <summary>
/// The fence, used by the writer's thread alone. Only this process writes to the file, so heads stay in memory once they were read: an append touches no
/// other row than the entry that it adds. On disk an inbox's head is its newest entry, or what <see cref="Keep"/> wrote when entries were removed.
/// </summary>
internal sealed class SqliteHeads
{
    /// <summary>More are read again when they are needed.</summary>
    private const int MaxKnown = 100_000;

    private readonly Dictionary<string, Place> _known = new(StringComparer.Ordinal);
    private int _rollbacks;

    /// <summary>Where an inbox stands; <see cref="Id"/> is its row.</summary>
    public sealed class Place
    {
        public long Id;
        public long Epoch;
        public long Head;
        public long Floor;
        public bool IsErased;
    }

    /// <summary>Moves the head of the inbox, when the writer of the batch knows it.</summary>
    /// <exception cref="LogConflictException">Nothing was changed.</exception>
    public Place Advance(SqliteSession session, string inbox, LogBatch batch, long head)
    {
        var place = Find(session, inbox);
        if (place is null || place.Epoch < batch.Epoch)
        {
            // A birth needs an empty log, or two writers that both saw none would mix two epochs.
            if (place is null && batch.Epoch <= SqliteTombstones.EpochOf(session, inbox)) throw Conflict(inbox, batch);
            if (place is { IsErased: false } && Newest(session, place.Id, place.Epoch) > 0) throw Conflict(inbox, batch);
            place = StartEpoch(session, inbox, batch.Epoch);
        }
        else if (place.Epoch > batch.Epoch || place.IsErased || place.Head > batch.Head)
        {
            throw Conflict(inbox, batch);
        }
        place.Head = head;
        return place;
    }

    /// <summary>Moves the head over seqs that are never assigned.</summary>
    /// <exception cref="LogConflictException">The head is another. Nothing was changed.</exception>
    public void Skip(SqliteSession session, string inbox, long epoch, long head, long to, DateTimeOffset now)
    {
        if (Find(session, inbox) is not { IsErased: false } place || place.Epoch != epoch || place.Head != head)
            throw new LogConflictException($"Somebody else wrote to the log of {inbox}: its head is not {epoch}-{head}.");
        session.Prepare("UPDATE inboxes SET head = ?1, skipped = CASE skipped WHEN '' THEN ?2 ELSE skipped || ',' || ?2 END, skipped_at = ?3 WHERE id = ?4")
            .Bind(to).Bind(SeqRanges.Of(head + 1, to).ToString()).Bind(now.ToUnixTimeMilliseconds()).Bind(place.Id).Execute();
        place.Head = to;
    }

    public void Invalidate(string inbox) => _known.Remove(inbox);

    /// <summary>Writes the head down, before entries are removed.</summary>
    public static void Keep(SqliteSession session, long id, long epoch) => session
        .Prepare("UPDATE inboxes SET head = max(head, ?1) WHERE id = ?2 AND epoch = ?3 AND NOT erased")
        .Bind(Newest(session, id, epoch)).Bind(id).Bind(epoch).Execute();

    /// <summary>The highest seq that is there; 0 when none is.</summary>
    public static long Newest(SqliteSession session, long id, long epoch)
    {
        var newest = session.Prepare("SELECT seq FROM entries WHERE inbox = ? AND epoch = ? ORDER BY seq DESC LIMIT 1").Bind(id).Bind(epoch);
        var seq = newest.Step() ? newest.Integer(0) : 0;
        newest.Reset();
        return seq;
    }

    private Place? Find(SqliteSession session, string inbox)
    {
        if (_rollbacks != session.Rollbacks || _known.Count > MaxKnown)
        {
            _known.Clear(); // some of it may not have happened
            _rollbacks = session.Rollbacks;
        }
        if (_known.TryGetValue(inbox, out var known)) return known;
        var find = session.Prepare("SELECT id, epoch, head, floor, erased FROM inboxes WHERE key = ?").Bind(inbox);
        var place = find.Step()
            ? new Place { Id = find.Integer(0), Epoch = find.Integer(1), Head = find.Integer(2), Floor = find.Integer(3), IsErased = find.Integer(4) != 0 }
            : null;
        find.Reset();
        if (place is null) return null;
        place.Head = Math.Max(place.Head, Newest(session, place.Id, place.Epoch));
        return _known[inbox] = place;
    }

    private Place StartEpoch(SqliteSession session, string inbox, long epoch)
    {
        session.Prepare("""
            INSERT INTO inboxes (key, epoch, head, floor, erased) VALUES (?1, ?2, 0, 1, 0)
            ON CONFLICT (key) DO UPDATE SET epoch = ?2, head = 0, floor = 1, erased = 0, skipped = '', skipped_at = 0
            """).Bind(inbox).Bind(epoch).Execute();
        _known.Remove(inbox);
        return Find(session, inbox)!;
    }

    private static LogConflictException Conflict(string inbox, LogBatch batch) =>
        new($"Somebody else wrote to the log of {inbox}: its head is not {batch.Epoch}-{batch.Head}.");
}
