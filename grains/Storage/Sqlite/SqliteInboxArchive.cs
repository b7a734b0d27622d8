using System.Runtime.CompilerServices;
using OrleansInbox.Announcements;
using OrleansInbox.Topics;

namespace OrleansInbox.Storage.Sqlite;

/// <summary>Reads on a connection of its own, each inbox in one transaction: beside the server that writes, in its process or in another. Restores by its writer.</summary>
public sealed class SqliteInboxArchive : IInboxArchive, IDisposable
{
    /// <summary>The time of what is skipped, in an inbox that was restored.</summary>
    internal const long Restored = -1;

    private const int _page = 500;
    private const string _announcements = TenantAnnouncements.StateName + "/" + TenantAnnouncements.StateName + "/"; // the state's name, and the grain's

    private readonly string _file;
    private readonly SqliteDatabase? _database;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private SqliteSession? _session;

    /// <param name="options">Where the file is.</param>
    /// <param name="time">For what runs out.</param>
    /// <param name="database">For <see cref="Restore"/>; null to read only.</param>
    public SqliteInboxArchive(InboxOptions options, TimeProvider time, SqliteDatabase? database = null) =>
        (_file, _time, _database) = (Path.Combine(Path.GetFullPath(options.DataPath), "inbox.db"), time, database);

    public string Source => "sqlite";

    public Task<long?> Count() => Query(static session =>
    {
        var count = session.Prepare("SELECT count(*) FROM inboxes");
        count.Step();
        var inboxes = count.Integer(0);
        count.Reset();
        return (long?)inboxes;
    });

    public async IAsyncEnumerable<string> Inboxes([EnumeratorCancellation] CancellationToken cancelled)
    {
        for (var last = 0L; ;)
        {
            var page = await Query(session => Page(session.Prepare("SELECT key, id FROM inboxes WHERE id > ? ORDER BY id LIMIT ?").Bind(last).Bind(_page), static row => (Key: row.Text(0), Id: row.Integer(1))));
            foreach (var inbox in page) yield return inbox.Key;
            cancelled.ThrowIfCancellationRequested();
            if (page.Count < _page) break;
            last = page[^1].Id;
        }
        // Marks without a log: of an inbox that was erased before anything was published.
        for (var last = SqliteGrainStorage.MarksPrefix; ;)
        {
            var page = await Query(session => Page(session.Prepare("SELECT key FROM states WHERE key > ? ORDER BY key LIMIT ?").Bind(last).Bind(_page), static row => row.Text(0)));
            foreach (var state in page)
            {
                if (!state.StartsWith(SqliteGrainStorage.MarksPrefix, StringComparison.Ordinal)) yield break;
                var inbox = state[SqliteGrainStorage.MarksPrefix.Length..];
                if (!await Query(session => Is(session.Prepare("SELECT 1 FROM inboxes WHERE key = ?").Bind(inbox)))) yield return inbox;
            }
            cancelled.ThrowIfCancellationRequested();
            if (page.Count < _page) break;
            last = page[^1];
        }
    }

    public Task<ArchivedInbox?> Read(string inbox) => Query(session =>
    {
        var find = session.Prepare("SELECT value FROM states WHERE key = ?").Bind(SqliteGrainStorage.MarksKey(inbox));
        var marks = find.Step() ? find.Bytes(0) : null;
        find.Reset();
        find = session.Prepare("SELECT id, epoch, head, erased, skipped FROM inboxes WHERE key = ?").Bind(inbox);
        if (!find.Step()) return marks is null ? null : new ArchivedInbox(inbox, 0, 0, IsErased: false, SeqRanges.Empty, [], marks);
        var (id, epoch, head, isErased, skipped) = (find.Integer(0), find.Integer(1), find.Integer(2), find.Integer(3) != 0, SeqRanges.Parse(find.Text(4)));
        find.Reset();
        var entries = isErased ? [] : Page(session.Prepare("SELECT seq, created, coalesce(expires, 0), writer, json FROM entries WHERE inbox = ? AND epoch = ? ORDER BY seq").Bind(id).Bind(epoch),
            static row => new ArchivedEntry(row.Integer(0), row.Integer(1), row.Integer(2) is var at && at != 0 ? at : null, row.Text(3), row.Bytes(4)));
        if (entries.Count > 0) head = Math.Max(head, entries[^1].Seq);
        var waiting = SqliteWaitingStore.Items(session.Prepare("SELECT id, due, json, options FROM waiting WHERE inbox = ?").Bind(inbox));
        return new ArchivedInbox(inbox, epoch, head, isErased, skipped, entries, marks) { Waiting = waiting };
    });

    public async IAsyncEnumerable<ArchivedKey> Keys([EnumeratorCancellation] CancellationToken cancelled)
    {
        var now = _time.GetUtcNow().ToUnixTimeMilliseconds();
        byte[] lastKey = [];
        for (var (lastInbox, isText) = (0L, false); ;)
        {
            // A text sorts before a blob.
            var page = await Query(session =>
            {
                var rows = session.Prepare("""
                    SELECT keys.inbox, keys.key, typeof(keys.key) = 'text', keys.epoch, seq, created, coalesce(hash, ''), forgotten, inboxes.key
                    FROM keys JOIN inboxes ON inboxes.id = keys.inbox WHERE (keys.inbox, keys.key) > (?, iif(?, cast(? AS TEXT), ?)) ORDER BY keys.inbox, keys.key LIMIT ?
                    """).Bind(lastInbox).Bind(isText ? 1 : 0).Bind(lastKey).Bind(lastKey).Bind(_page);
                return Page(rows, static row => (Inbox: row.Integer(0), Key: row.Bytes(1), IsText: row.Integer(2) != 0, Epoch: row.Integer(3), Seq: row.Integer(4), Created: row.Integer(5), Hash: row.Text(6), Until: row.Integer(7), Name: row.Text(8)));
            });
            foreach (var row in page)
            {
                if (row.Until <= now) continue;
                var hash = row.IsText ? System.Security.Cryptography.SHA256.HashData(row.Key) : row.Key;
                yield return new(row.Name, System.Buffers.Text.Base64Url.EncodeToString(hash), row.Epoch, row.Seq, row.Created, row.Hash.Length > 0 ? row.Hash : null, row.Until);
            }
            cancelled.ThrowIfCancellationRequested();
            if (page.Count < _page) yield break;
            (lastInbox, lastKey, isText) = (page[^1].Inbox, page[^1].Key, page[^1].IsText);
        }
    }

    public async IAsyncEnumerable<ArchivedTopic> Topics([EnumeratorCancellation] CancellationToken cancelled)
    {
        var topics = await Query(session => Page(session.Prepare("SELECT key, open, id FROM topics WHERE open OR subscribers > 0"), static row => (Key: row.Text(0), IsOpen: row.Integer(1) != 0, Id: row.Integer(2))));
        foreach (var (key, isOpen, id) in topics)
        {
            if (isOpen) yield return new(key, IsOpen: true, []);
            for (var last = ""; ;)
            {
                var page = await Query(session => Page(session.Prepare("SELECT user FROM subscribers WHERE topic = ? AND user > ? AND left_at = 0 ORDER BY user LIMIT ?").Bind(id).Bind(last).Bind(_page), static row => row.Text(0)));
                if (page.Count > 0) yield return new(key, IsOpen: false, page);
                cancelled.ThrowIfCancellationRequested();
                if (page.Count < _page) break;
                last = page[^1];
            }
        }
    }

    public async Task<int> RestoreTopic(ArchivedTopic topic, DateTimeOffset since)
    {
        var (tenant, _) = InboxKey.Parse(topic.Key);
        var wanted = await Writable.Read(session => topic.Subscribers.Where(user => SqliteTombstones.EpochOf(session, InboxKey.Of(tenant, user)) < since.ToUnixTimeMilliseconds()
            && !Is(session.Prepare("SELECT 1 FROM subscribers JOIN topics ON topics.id = subscribers.topic WHERE key = ? AND user = ? AND left_at > 0").Bind(topic.Key).Bind(user))).ToList());
        var topics = new SqliteTopicStore(Writable, new TopicLimits());
        if (topic.IsOpen) await topics.SetOpen(topic.Key, isOpen: true);
        return await topics.Restore(topic.Key, wanted);
    }

    public async IAsyncEnumerable<ArchivedAnnouncements> Announcements([EnumeratorCancellation] CancellationToken cancelled)
    {
        foreach (var state in await Query(session => Page(session.Prepare("SELECT key, value FROM states WHERE key GLOB ?").Bind(_announcements + "*"), static row => new ArchivedAnnouncements(row.Text(0)[_announcements.Length..], row.Bytes(1)))))
        {
            cancelled.ThrowIfCancellationRequested();
            yield return state;
        }
    }

    public Task<bool> RestoreAnnouncements(ArchivedAnnouncements announcements) => Writable.Write(session =>
    {
        var key = _announcements + announcements.Tenant;
        if (Is(session.Prepare("SELECT 1 FROM states WHERE key = ?").Bind(key))) return false;
        session.Prepare("INSERT INTO states (key, etag, value) VALUES (?, ?, ?)").Bind(key).Bind(Guid.NewGuid().ToString("N")).Bind(announcements.State).Execute();
        return true;
    });

    public async IAsyncEnumerable<Tombstone> Tombstones([EnumeratorCancellation] CancellationToken cancelled)
    {
        var now = _time.GetUtcNow().ToUnixTimeMilliseconds();
        for (var last = ""; ;)
        {
            var page = await Query(session => Page(session.Prepare("SELECT hash, epoch, forgotten FROM tombstones WHERE hash > ? ORDER BY hash LIMIT ?").Bind(last).Bind(_page),
                static row => new Tombstone(row.Text(0), row.Integer(1), row.Integer(2))));
            foreach (var tombstone in page.Where(tombstone => tombstone.Until > now)) yield return tombstone;
            cancelled.ThrowIfCancellationRequested();
            if (page.Count < _page) yield break;
            last = page[^1].Hash;
        }
    }

    public Task<RestoreOutcome> Restore(ArchivedInbox inbox) => Writable.Write(session =>
    {
        if (SqliteTombstones.EpochOf(session, inbox.Key) is var forgotten && forgotten != 0 && forgotten >= inbox.Epoch) return RestoreOutcome.Forgotten;
        if (Is(session.Prepare("SELECT 1 FROM inboxes WHERE key = ?1 UNION ALL SELECT 1 FROM states WHERE key = ?2").Bind(inbox.Key).Bind(SqliteGrainStorage.MarksKey(inbox.Key)))) return RestoreOutcome.IsThere;
        if (inbox.Marks is { } marks)
            session.Prepare("INSERT INTO states (key, etag, value) VALUES (?, ?, ?)").Bind(SqliteGrainStorage.MarksKey(inbox.Key)).Bind(Guid.NewGuid().ToString("N")).Bind(marks).Execute();
        foreach (var item in inbox.Waiting) SqliteWaitingStore.Insert(session, inbox.Key, item, NotificationJson.CollapseKeyOf(item.Json));
        if (inbox is { Epoch: 0, Waiting: [] }) return RestoreOutcome.Restored;
        var isEmpty = inbox.IsErased || inbox.Epoch == 0;
        session.Prepare("INSERT INTO inboxes (key, epoch, head, floor, erased, skipped, skipped_at) VALUES (?, ?, ?, 1, ?, ?, ?)")
            .Bind(inbox.Key).Bind(inbox.Epoch).Bind(inbox.Head).Bind(isEmpty ? 1 : 0).Bind(inbox.Skipped.ToString()).Bind(isEmpty ? 0 : Restored).Execute();
        var find = session.Prepare("SELECT id FROM inboxes WHERE key = ?").Bind(inbox.Key);
        find.Step();
        var id = find.Integer(0);
        find.Reset();
        foreach (var entry in inbox.Entries)
            session.Prepare("INSERT INTO entries (inbox, epoch, seq, created, expires, writer, json, collapse_key) VALUES (?, ?, ?, ?, ?, ?, ?, nullif(?, ''))")
                .Bind(id).Bind(inbox.Epoch).Bind(entry.Seq).Bind(entry.CreatedAt).Bind(entry.ExpiresAt).Bind(entry.Writer).Bind(entry.Json)
                .Bind(entry.ExpiresAt == InboxLimits.Replaced ? "" : NotificationJson.CollapseKeyOf(entry.Json) ?? "").Execute();
        return RestoreOutcome.Restored;
    });

    public Task<bool> RestoreKey(ArchivedKey key) => Writable.Write(session =>
    {
        if (key.Until <= _time.GetUtcNow().ToUnixTimeMilliseconds()) return false;
        var isScheduled = key.Epoch == 0;
        var find = session.Prepare("SELECT id, head, skipped FROM inboxes WHERE key = ?1 AND (?2 = 0 OR epoch = ?2 AND NOT erased)").Bind(key.Inbox).Bind(key.Epoch);
        var (id, head, skipped) = find.Step() ? (find.Integer(0), find.Integer(1), find.Text(2)) : default;
        find.Reset();
        if (id == 0 || !isScheduled && (key.Seq > Math.Max(head, SqliteHeads.Newest(session, id, key.Epoch)) || SeqRanges.Parse(skipped).Contains(key.Seq))) return false;
        return Is(session.Prepare("INSERT INTO keys (inbox, key, epoch, seq, created, forgotten, hash) VALUES (?, ?, ?, ?, ?, ?, nullif(?, '')) ON CONFLICT DO NOTHING RETURNING 1")
            .Bind(id).Bind(System.Buffers.Text.Base64Url.DecodeFromChars(key.Key)).Bind(key.Epoch).Bind(key.Seq).Bind(key.CreatedAt).Bind(key.Until).Bind(key.Hash ?? ""));
    });

    public Task RestoreTombstone(Tombstone tombstone) => Writable.Write(session =>
    {
        SqliteTombstones.Write(session, tombstone);
        return true;
    });

    public void Dispose()
    {
        lock (_lock) _session?.Dispose();
    }

    private SqliteDatabase Writable => _database ?? throw new InvalidOperationException("This archive was opened to be read.");

    /// <summary>Not on the caller's thread: a disk may be slow.</summary>
    private Task<T> Query<T>(Func<SqliteSession, T> query) => Task.Run(() =>
    {
        lock (_lock)
        {
            try
            {
                _session ??= Open();
                _session.Execute("BEGIN"); // one snapshot for all that the query asks
                try
                {
                    return query(_session);
                }
                finally
                {
                    _session.Execute("COMMIT");
                }
            }
            catch (SqliteFailure failure)
            {
                _session?.Dispose();
                _session = null;
                throw new StorageUnavailableException(failure.Explain(_file), failure);
            }
        }
    });

    /// <exception cref="StorageUnusableException">There is no such file, or it is of another version.</exception>
    private SqliteSession Open()
    {
        if (!File.Exists(_file)) throw new StorageUnusableException($"There is no {_file}: --data (Inbox:DataPath) has to be the folder of the inboxes.");
        var session = new SqliteSession(_file, readOnly: true);
        session.Run("PRAGMA busy_timeout = 500; PRAGMA query_only = 1; PRAGMA cache_size = -2048;");
        if (SqliteSchema.VersionOf(session) is var version && version == SqliteSchema.Version) return session;
        session.Dispose();
        throw new StorageUnusableException($"{_file} has schema version {version}, not {SqliteSchema.Version}: start the server of this version on it once, which brings it up to date, or use the version that made it.");
    }

    private static List<T> Page<T>(SqliteStatement rows, Func<SqliteStatement, T> row)
    {
        var page = new List<T>();
        while (rows.Step()) page.Add(row(rows));
        return page;
    }

    private static bool Is(SqliteStatement rows)
    {
        var any = rows.Step();
        rows.Reset();
        return any;
    }
}
