using System.Globalization;

namespace OrleansInbox.Storage.Sqlite;

/// <summary>What waits in <see cref="SqliteDatabase"/>: one table, whose index by time is that of what is due.</summary>
public sealed class SqliteWaitingStore(SqliteDatabase database) : IWaitingStore
{
    public int Parts => 1;

    public Task Announce(IReadOnlyList<DueItem> items) => Task.CompletedTask;

    public Task Settle(IReadOnlyList<DueItem> items) => Task.CompletedTask;

    public Task Postpone(IReadOnlyList<DueItem> items, DateTimeOffset until) => database.Write(session =>
    {
        foreach (var topic in items.Where(static item => item.Id == Waiting.TopicId)) SqliteTopicStore.Postpone(session, topic, until);
        foreach (var item in items)
            session.Prepare("UPDATE waiting SET wake = ? WHERE inbox = ? AND id = ?").Bind(until.ToUnixTimeMilliseconds()).Bind(item.Inbox).Bind(item.Id).Execute();
        return true;
    });

    public Task<ScheduleOutcome> Schedule(string inbox, WaitingItem item, string? idempotencyKey, string? keyHash, TimeSpan keyLife) => database.Write(session =>
    {
        if (idempotencyKey is not null && Known(session, inbox, idempotencyKey) is { } known) return known;
        ThrowIfFull(session, inbox, 1);
        Insert(session, inbox, item, NotificationJson.CollapseKeyOf(item.Json));
        // An inbox that nothing was published to yet is one that was erased: a backup finds it.
        session.Prepare("INSERT INTO inboxes (key, epoch, head, floor, erased) VALUES (?, ?, 0, 1, 1) ON CONFLICT DO NOTHING").Bind(inbox).Bind(SqliteTombstones.EpochOf(session, inbox)).Execute();
        if (idempotencyKey is null) return default;
        session.Prepare("INSERT OR REPLACE INTO keys (inbox, key, epoch, seq, created, forgotten, hash) VALUES ((SELECT id FROM inboxes WHERE key = ?), ?, 0, 0, ?, ?, ?)")
            .Bind(inbox).Bind(IdempotencyHash.Of(idempotencyKey)).Bind(database.Now.ToUnixTimeMilliseconds()).Bind((database.Now + keyLife).ToUnixTimeMilliseconds()).Bind($"{keyHash ?? "-"} {item.Id}").Execute();
        return default;
    });

    public Task<IReadOnlyList<long>> Snooze(string inbox, long epoch, IReadOnlyList<long> seqs, DateTimeOffset until) => database.Write(session =>
    {
        ThrowIfFull(session, inbox, seqs.Count);
        var kept = new List<long>(seqs.Count);
        foreach (var seq in seqs)
        {
            var find = session.Prepare("""
                SELECT json, inbox, coalesce(collapse_key, '') FROM entries WHERE inbox = (SELECT id FROM inboxes WHERE key = ?) AND epoch = ? AND seq = ? AND coalesce(expires, 0) <> ?
                """).Bind(inbox).Bind(epoch).Bind(seq).Bind(InboxLimits.Replaced);
            if (!find.Step()) continue;
            var (json, id, collapseKey) = (find.Bytes(0), find.Integer(1), find.Text(2));
            find.Reset();
            Insert(session, inbox, new(new NotificationId(epoch, seq).ToString(), until, json), collapseKey.Length > 0 ? collapseKey : null);
            session.Prepare("UPDATE entries SET expires = ?, collapse_key = NULL WHERE inbox = ? AND epoch = ? AND seq = ?").Bind(InboxLimits.Replaced).Bind(id).Bind(epoch).Bind(seq).Execute();
            kept.Add(seq);
        }
        return (IReadOnlyList<long>)kept;
    });

    public Task<bool> Replace(string inbox, IReadOnlyList<string> ids, IReadOnlyList<WaitingItem> by) => database.Write(session =>
    {
        if (!ids.All(id => Waits(session, inbox, id))) return false;
        foreach (var id in ids) Remove(session, inbox, id);
        foreach (var item in by) Insert(session, inbox, item, collapseKey: null);
        return true;
    }, whenFull: true);

    public Task<NotificationId?> Withdraw(string inbox, string id) => database.Write(session =>
    {
        session.Prepare("DELETE FROM waiting WHERE inbox = ? AND id = ?").Bind(inbox).Bind(id).Execute();
        var find = session.Prepare("SELECT epoch, seq FROM keys WHERE inbox = (SELECT id FROM inboxes WHERE key = ?) AND key = ? AND forgotten > ?")
            .Bind(inbox).Bind(IdempotencyHash.Of(Waiting.KeyOf(id))).Bind(database.Now.ToUnixTimeMilliseconds());
        NotificationId? where = find.Step() ? new(find.Integer(0), find.Integer(1)) : null;
        find.Reset();
        return where;
    }, whenFull: true);

    public Task WithdrawKey(string inbox, string collapseKey) => database.Write(session =>
    {
        session.Prepare("DELETE FROM waiting WHERE inbox = ? AND collapse_key = ?").Bind(inbox).Bind(collapseKey).Execute();
        return true;
    }, whenFull: true);

    public Task<IReadOnlyList<WaitingItem>> Read(string inbox, IReadOnlyList<string> ids) => database.Read(session =>
    {
        var items = new List<WaitingItem>(ids.Count);
        foreach (var id in ids)
            items.AddRange(Items(session.Prepare("SELECT id, due, json, options FROM waiting WHERE inbox = ? AND id = ?").Bind(inbox).Bind(id)));
        return (IReadOnlyList<WaitingItem>)items;
    });

    public Task<IReadOnlyList<WaitingItem>> List(string inbox, WaitingKind kind, WaitingPlace after, int max) => database.Read(session =>
        (IReadOnlyList<WaitingItem>)Items(session.Prepare("SELECT id, due, json, options FROM waiting WHERE inbox = ? AND id GLOB ? AND (due, id) > (?, ?) ORDER BY due, id LIMIT ?")
            .Bind(inbox).Bind(kind == WaitingKind.Snoozed ? "[0-9]*" : $"{(char)kind}*").Bind(after.DueAt).Bind(after.Id).Bind(max)));

    public Task<IReadOnlyList<DueItem>> Due(int part, DateTimeOffset now, int max) => database.Read(session =>
    {
        var due = new List<DueItem>();
        var rows = session.Prepare("SELECT inbox, id, due FROM waiting WHERE wake <= ? ORDER BY wake LIMIT ?").Bind(now.ToUnixTimeMilliseconds()).Bind(max);
        while (rows.Step()) due.Add(new(rows.Text(0), rows.Text(1), Instant(rows.Integer(2))));
        SqliteTopicStore.Due(session, now.ToUnixTimeMilliseconds(), max, due);
        return (IReadOnlyList<DueItem>)due;
    });

    /// <summary>Whether an entry that waited may come.</summary>
    internal static bool MayCome(SqliteSession session, string inbox, string id) => id[0] == '!' ? !Waits(session, inbox, id[1..]) : Waits(session, inbox, id);

    private static bool Waits(SqliteSession session, string inbox, string id)
    {
        var find = session.Prepare("SELECT 1 FROM waiting WHERE inbox = ? AND id = ?").Bind(inbox).Bind(id);
        var waits = find.Step();
        find.Reset();
        return waits;
    }

    internal static void Remove(SqliteSession session, string inbox, string id) => session.Prepare("DELETE FROM waiting WHERE inbox = ? AND id = ?").Bind(inbox).Bind(id).Execute();

    /// <summary>A newer one has the collapse key.</summary>
    internal static void RemoveSnoozed(SqliteSession session, string inbox, string collapseKey) =>
        session.Prepare("DELETE FROM waiting WHERE inbox = ? AND collapse_key = ? AND id GLOB '[0-9]*'").Bind(inbox).Bind(collapseKey).Execute();

    /// <summary>Of the epoch and of those before.</summary>
    internal static void RemoveSnoozed(SqliteSession session, string inbox, long epoch) =>
        session.Prepare("DELETE FROM waiting WHERE inbox = ? AND id GLOB '[0-9]*' AND CAST(id AS INTEGER) <= ?").Bind(inbox).Bind(epoch).Execute();

    internal static void Insert(SqliteSession session, string inbox, WaitingItem item, string? collapseKey) =>
        session.Prepare("INSERT INTO waiting (inbox, id, due, wake, collapse_key, options, json) VALUES (?1, ?2, ?3, ?3, nullif(?4, ''), ?5, ?6) ON CONFLICT DO NOTHING")
            .Bind(inbox).Bind(item.Id).Bind(item.DueAt.ToUnixTimeMilliseconds()).Bind(collapseKey ?? "").Bind(item.Options).Bind(item.Json).Execute();

    internal static List<WaitingItem> Items(SqliteStatement rows)
    {
        var items = new List<WaitingItem>();
        while (rows.Step()) items.Add(new(rows.Text(0), Instant(rows.Integer(1)), rows.Bytes(2)) { Options = rows.Text(3) });
        return items;
    }

    private ScheduleOutcome? Known(SqliteSession session, string inbox, string idempotencyKey)
    {
        var find = session.Prepare("SELECT epoch, seq, coalesce(hash, '') FROM keys WHERE inbox = (SELECT id FROM inboxes WHERE key = ?) AND key = ? AND forgotten > ?")
            .Bind(inbox).Bind(IdempotencyHash.Of(idempotencyKey)).Bind(database.Now.ToUnixTimeMilliseconds());
        if (!find.Step()) return null;
        var (id, kept) = (new NotificationId(find.Integer(0), find.Integer(1)), find.Text(2));
        find.Reset();
        var (hash, scheduled) = Kept(kept);
        return new(scheduled, scheduled is null ? id : null, hash);
    }

    /// <summary>What is kept beside an idempotency key: the hash, or hash and id of what was scheduled.</summary>
    internal static (string? Hash, string? Scheduled) Kept(string kept) => kept.Split(' ') switch
    {
        [""] => (null, null),
        [var hash] => (hash, null),
        [var hash, var scheduled, ..] => (hash == "-" ? null : hash, scheduled),
        _ => (null, null),
    };

    private static void ThrowIfFull(SqliteSession session, string inbox, int more)
    {
        var count = session.Prepare("SELECT count(*) FROM waiting WHERE inbox = ? AND id GLOB '[0-9s]*'").Bind(inbox);
        count.Step();
        var waiting = count.Integer(0);
        count.Reset();
        if (waiting + more > InboxLimits.MaxWaiting) throw new TooManyWaitingException();
    }

    private static DateTimeOffset Instant(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
}
