using System.Text;

namespace OrleansInbox.Storage.Sqlite;

/// <summary>The log in <see cref="SqliteDatabase"/>: appends of all inboxes that wait together share one commit.</summary>
/// <remarks>Uncertain writes: see <see cref="SqliteDatabase.Write"/>.</remarks>
public sealed class SqliteInboxLog(SqliteDatabase database) : IInboxLog
{
    /// <summary>Trimming costs a statement of its own, so it waits until there is something to it.</summary>
    private const int TrimStep = 64;

    /// <summary>The time of what is skipped in an inbox that was restored, until something is skipped there.</summary>
    private static readonly DateTimeOffset _restored = Instant(SqliteInboxArchive.Restored);

    private readonly SqliteHeads _heads = new();

    public Task<LogPosition> Open(string inbox, DateTimeOffset minCreatedAt) => database.Read(session =>
    {
        var find = session.Prepare("SELECT id, epoch, head, erased, skipped, skipped_at FROM inboxes WHERE key = ?").Bind(inbox);
        if (!find.Step()) return LogPosition.None with { FencedEpoch = SqliteTombstones.EpochOf(session, inbox) };
        var (id, epoch, head, erased) = (find.Integer(0), find.Integer(1), find.Integer(2), find.Integer(3) != 0);
        var (skipped, skippedAt) = (SeqRanges.Parse(find.Text(4)), Instant(find.Integer(5)));
        find.Reset();
        if (erased) return LogPosition.None with { FencedEpoch = epoch };

        DateTimeOffset? lastCreatedAt = null;
        var newest = session.Prepare("SELECT created, seq FROM entries WHERE inbox = ? AND epoch = ? ORDER BY seq DESC LIMIT 1").Bind(id).Bind(epoch);
        if (newest.Step()) (lastCreatedAt, head) = (Instant(newest.Integer(0)), Math.Max(head, newest.Integer(1)));
        newest.Reset();
        var first = lastCreatedAt is null ? null : First(session, id, epoch, 0, minCreatedAt);
        return new(epoch, head, first, epoch, lastCreatedAt, Expiries(session, id, epoch, LogPosition.MaxExpiries))
        {
            Skipped = skipped,
            TailMayBeLost = skippedAt == _restored || (database.SetBackAt is { } setBack && !(lastCreatedAt >= setBack) && skippedAt < setBack),
        };
    });

    public async Task<IReadOnlyList<LogOutcome>> Append(string inbox, LogBatch batch) => await database.Write(session => Append(session, inbox, batch));

    public async Task<IReadOnlyList<LogEntry>> Read(string inbox, long epoch, long from, long to, int max, bool newestFirst) => await database.Read(session =>
    {
        var entries = new List<LogEntry>(Math.Clamp(max, 0, 100));
        if (Find(session, inbox) is not { } id) return entries;
        var read = session.Prepare(newestFirst
            ? "SELECT seq, json, writer FROM entries WHERE inbox = ? AND epoch = ? AND seq BETWEEN ? AND ? ORDER BY seq DESC LIMIT ?"
            : "SELECT seq, json, writer FROM entries WHERE inbox = ? AND epoch = ? AND seq BETWEEN ? AND ? ORDER BY seq LIMIT ?");
        read.Bind(id).Bind(epoch).Bind(from).Bind(to).Bind(Math.Max(max, 0));
        while (read.Step()) entries.Add(new(read.Integer(0), read.Bytes(1), read.Text(2)));
        return entries;
    });

    public Task<LogFloor?> FirstSince(string inbox, long epoch, long from, DateTimeOffset minCreatedAt) => database.Read(session =>
    {
        var find = session.Prepare("SELECT id FROM inboxes WHERE key = ? AND epoch = ? AND NOT erased").Bind(inbox).Bind(epoch);
        if (!find.Step()) return (LogFloor?)null;
        var id = find.Integer(0);
        find.Reset();
        return First(session, id, epoch, from, minCreatedAt);
    });

    public async Task<IReadOnlyList<LogExpiry>> NextExpiries(string inbox, long epoch, int max) =>
        await database.Read(session => Find(session, inbox) is { } id ? Expiries(session, id, epoch, Math.Max(max, 0)) : []);

    public Task<long?> Find(string inbox, long epoch, string collapseKey) =>
        database.Read(session => Find(session, inbox) is { } id ? Find(session, id, epoch, collapseKey) : null);

    public Task Delete(string inbox, long epoch, IReadOnlyList<long> seqs) => database.Write(session =>
    {
        if (Find(session, inbox) is not { } id) return 0;
        SqliteHeads.Keep(session, id, epoch); // the newest may be among them, and its seq is never given again
        foreach (var seq in seqs) session.Prepare("DELETE FROM entries WHERE inbox = ? AND epoch = ? AND seq = ?").Bind(id).Bind(epoch).Bind(seq).Execute();
        return seqs.Count;
    }, whenFull: true);

    public Task Skip(string inbox, long epoch, long head, long to) => database.Write(session =>
    {
        _heads.Skip(session, inbox, epoch, head, to, database.Now);
        return true;
    });

    public Task Erase(string inbox, long epoch) => database.Write(session =>
    {
        session.Prepare("""
            INSERT INTO inboxes (key, epoch, head, floor, erased) VALUES (?1, ?2, 0, 1, 1)
            ON CONFLICT (key) DO UPDATE SET epoch = ?2, head = 0, erased = 1, skipped = '', skipped_at = 0 WHERE epoch <= ?2
            """).Bind(inbox).Bind(epoch).Execute();
        var id = Find(session, inbox)!.Value;
        session.Prepare("DELETE FROM entries WHERE inbox = ? AND epoch <= ?").Bind(id).Bind(epoch).Execute();
        session.Prepare("DELETE FROM keys WHERE inbox = ? AND epoch BETWEEN 1 AND ?").Bind(id).Bind(epoch).Execute(); // not of what is scheduled
        SqliteWaitingStore.RemoveSnoozed(session, inbox, epoch);
        _heads.Invalidate(inbox);
        return true;
    }, whenFull: true);

    public Task Forget(string inbox, long epoch, TimeSpan keep) => database.Write(session =>
    {
        if (Find(session, inbox) is { } id)
        {
            var later = session.Prepare("SELECT 1 FROM inboxes WHERE id = ? AND epoch > ?").Bind(id).Bind(epoch);
            var isLater = later.Step();
            later.Reset();
            if (isLater) throw new LogConflictException($"Somebody else wrote to the log of {inbox}: a later epoch than {epoch} has begun.");
            session.Prepare("DELETE FROM entries WHERE inbox = ?").Bind(id).Execute();
            session.Prepare("DELETE FROM keys WHERE inbox = ?").Bind(id).Execute();
            session.Prepare("DELETE FROM inboxes WHERE id = ?").Bind(id).Execute();
        }
        session.Prepare("DELETE FROM waiting WHERE inbox = ?").Bind(inbox).Execute();
        session.Prepare("DELETE FROM states WHERE key = ?").Bind(SqliteGrainStorage.MarksKey(inbox)).Execute();
        SqliteTombstones.Write(session, new(Tombstone.HashOf(inbox), epoch, (database.Now + keep).ToUnixTimeMilliseconds()));
        _heads.Invalidate(inbox);
        return true;
    }, whenFull: true);

    public Task Ping() => database.Ping();

    public Task Confirm(string inbox) => Task.CompletedTask;

    public Task ProbeWrite() => database.ProbeWrite();

    private LogOutcome[] Append(SqliteSession session, string inbox, LogBatch batch)
    {
        var outcomes = Outcomes(session, inbox, batch, out var head);
        if (head == batch.Head) return outcomes; // all were known

        var place = _heads.Advance(session, inbox, batch, head);
        for (var i = 0; i < outcomes.Length; i++)
            if (!outcomes[i].Replayed) outcomes[i] = outcomes[i] with { Replaced = Insert(session, inbox, place.Id, batch, batch.Entries[i], outcomes[i].Seq) };
        if (batch.TrimBefore - place.Floor >= TrimStep)
        {
            Trim(session, place.Id, batch);
            place.Floor = batch.TrimBefore;
        }
        return outcomes;
    }

    /// <summary>Which of the batch are new, and the head when they are written. Writes nothing.</summary>
    private LogOutcome[] Outcomes(SqliteSession session, string inbox, LogBatch batch, out long head)
    {
        var outcomes = new LogOutcome[batch.Entries.Count];
        Dictionary<string, LogOutcome>? known = null;
        HashSet<string>? come = null, taken = null;
        head = batch.Head;
        for (var i = 0; i < outcomes.Length; i++)
        {
            var entry = batch.Entries[i];
            if (entry.IdempotencyKey is { } key && ((known ??= []).TryGetValue(key, out var first) || Known(session, inbox, batch.Epoch, key, out first)))
            {
                outcomes[i] = first;
                continue;
            }
            if (entry.WaitingId is { } waiting && !((come ??= []).Add(waiting) && !IsReplaced(waiting, entry.CollapseKey) && SqliteWaitingStore.MayCome(session, inbox, waiting)))
            {
                outcomes[i] = LogOutcome.NotWaiting;
                continue;
            }
            if (entry.CollapseKey is { } collapseKey) (taken ??= []).Add(collapseKey);
            outcomes[i] = new(++head, entry.CreatedAt, Replayed: false);
            if (entry.IdempotencyKey is { } added) known![added] = outcomes[i] with { Replayed = true, KeyHash = entry.KeyHash };
        }
        return outcomes;

        // A snoozed one does not come back over a newer one of its collapse key. What was written before has removed it.
        bool IsReplaced(string waiting, string? collapseKey) => taken is not null && collapseKey is not null && char.IsAsciiDigit(waiting[0]) && taken.Contains(collapseKey);
    }

    private bool Known(SqliteSession session, string inbox, long epoch, string key, out LogOutcome first)
    {
        var find = session.Prepare("SELECT seq, created, coalesce(hash, '') FROM keys WHERE inbox = (SELECT id FROM inboxes WHERE key = ?) AND key IN (?, ?) AND epoch IN (?, 0) AND forgotten > ?");
        find.Bind(inbox).Bind(IdempotencyHash.Of(key)).Bind(key).Bind(epoch) // files of earlier versions have the key itself
           .Bind(database.Now.ToUnixTimeMilliseconds());
        var known = find.Step();
        var (hash, scheduled) = known ? SqliteWaitingStore.Kept(find.Text(2)) : default;
        first = known ? new(find.Integer(0), Instant(find.Integer(1)), Replayed: true, hash) { Scheduled = scheduled } : default;
        find.Reset();
        return known;
    }

    /// <returns>The entry that had its collapse key until now.</returns>
    private long? Insert(SqliteSession session, string inbox, long id, LogBatch batch, NewLogEntry entry, long seq)
    {
        var created = entry.CreatedAt.ToUnixTimeMilliseconds();
        var replaced = entry.CollapseKey is { } collapseKey ? Find(session, id, batch.Epoch, collapseKey) : null;
        session.Prepare("INSERT INTO entries (inbox, epoch, seq, created, expires, writer, json) VALUES (?, ?, ?, ?, ?, ?, ?)")
            .Bind(id).Bind(batch.Epoch).Bind(seq).Bind(created).Bind(entry.ExpiresAt?.ToUnixTimeMilliseconds()).Bind(batch.Writer).Bind(entry.Json).Execute();
        if (replaced is { } before) // it expires, so that it is gone whatever becomes of the caller
            session.Prepare("UPDATE entries SET expires = ?, collapse_key = NULL WHERE inbox = ? AND epoch = ? AND seq = ?").Bind(InboxLimits.Replaced).Bind(id).Bind(batch.Epoch).Bind(before).Execute();
        if (entry.CollapseKey is not null)
        {
            session.Prepare("UPDATE entries SET collapse_key = ? WHERE inbox = ? AND epoch = ? AND seq = ?").Bind(entry.CollapseKey).Bind(id).Bind(batch.Epoch).Bind(seq).Execute();
            SqliteWaitingStore.RemoveSnoozed(session, inbox, entry.CollapseKey);
        }
        if (entry.WaitingId is { } waiting) SqliteWaitingStore.Remove(session, inbox, waiting);
        foreach (var check in entry.Checks)
            SqliteWaitingStore.Insert(session, inbox, new(check.Id, check.DueAt, Encoding.ASCII.GetBytes($"\"{new NotificationId(batch.Epoch, seq)}\"")) { Options = check.Options }, collapseKey: null);
        if (entry.IdempotencyKey is not { } key) return replaced;
        session.Prepare("INSERT OR REPLACE INTO keys (inbox, key, epoch, seq, created, forgotten, hash) VALUES (?, ?, ?, ?, ?, ?, nullif(?, ''))")
            .Bind(id).Bind(IdempotencyHash.Of(key)).Bind(batch.Epoch).Bind(seq).Bind(created).Bind((database.Now + (entry.KeyLife ?? InboxLimits.IdempotencyWindow)).ToUnixTimeMilliseconds()).Bind(entry.KeyHash ?? "").Execute();
        return replaced;
    }

    private static long? Find(SqliteSession session, long id, long epoch, string collapseKey)
    {
        var find = session.Prepare("SELECT seq FROM entries WHERE inbox = ? AND epoch = ? AND collapse_key = ?").Bind(id).Bind(epoch).Bind(collapseKey);
        long? seq = find.Step() ? find.Integer(0) : null;
        find.Reset();
        return seq;
    }

    private static void Trim(SqliteSession session, long id, LogBatch batch)
    {
        session.Prepare("DELETE FROM entries WHERE inbox = ? AND epoch = ? AND seq < ?").Bind(id).Bind(batch.Epoch).Bind(batch.TrimBefore).Execute();
        session.Prepare("UPDATE inboxes SET floor = ? WHERE id = ?").Bind(batch.TrimBefore).Bind(id).Execute();
    }

    private static long? Find(SqliteSession session, string inbox)
    {
        var find = session.Prepare("SELECT id FROM inboxes WHERE key = ?").Bind(inbox);
        long? id = find.Step() ? find.Integer(0) : null;
        find.Reset();
        return id;
    }

    /// <summary>createdAt never falls with seq, so the first that is young enough can be searched by halves.</summary>
    private static LogFloor? First(SqliteSession session, long id, long epoch, long from, DateTimeOffset minCreatedAt)
    {
        var head = SqliteHeads.Newest(session, id, epoch);
        var aged = minCreatedAt.ToUnixTimeMilliseconds();
        LogFloor? found = null;
        var (low, high) = (from, head + 1);
        for (var middle = low; low < high; middle = low + (high - low) / 2) // the lowest first: most often nothing is too old
        {
            var at = session.Prepare("SELECT seq, created FROM entries WHERE inbox = ? AND epoch = ? AND seq >= ? ORDER BY seq LIMIT 1").Bind(id).Bind(epoch).Bind(middle);
            var (seq, created) = at.Step() ? (at.Integer(0), at.Integer(1)) : (long.MaxValue, long.MaxValue);
            at.Reset();
            if (created < aged)
            {
                low = seq + 1;
            }
            else
            {
                if (seq != long.MaxValue) found = new(seq, Instant(created));
                high = middle;
            }
        }
        return found;
    }

    private static List<LogExpiry> Expiries(SqliteSession session, long id, long epoch, int max)
    {
        var expiries = new List<LogExpiry>();
        var next = session.Prepare("SELECT seq, expires FROM entries WHERE inbox = ? AND epoch = ? AND expires IS NOT NULL ORDER BY expires, seq LIMIT ?").Bind(id).Bind(epoch).Bind(max);
        while (next.Step()) expiries.Add(new(next.Integer(0), Instant(next.Integer(1))));
        return expiries;
    }

    private static DateTimeOffset Instant(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
}
