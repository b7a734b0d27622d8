namespace OrleansInbox.Storage.Sqlite;

/// <summary>The tables, and their version in <c>PRAGMA user_version</c>.</summary>
internal static class SqliteSchema
{
    public const long Version = 7;

    /// <summary>What becomes of version n to reach n + 1.</summary>
    private static readonly string[] _steps =
    [
        """
        CREATE TABLE inboxes (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, epoch INTEGER NOT NULL, head INTEGER NOT NULL,
            floor INTEGER NOT NULL, erased INTEGER NOT NULL);
        CREATE TABLE entries (inbox INTEGER NOT NULL, epoch INTEGER NOT NULL, seq INTEGER NOT NULL, created INTEGER NOT NULL, expires INTEGER,
            writer TEXT NOT NULL, json BLOB NOT NULL, PRIMARY KEY (inbox, epoch, seq)) WITHOUT ROWID;
        CREATE INDEX entries_by_expiry ON entries (inbox, epoch, expires) WHERE expires IS NOT NULL;
        CREATE TABLE keys (inbox INTEGER NOT NULL, key TEXT NOT NULL, epoch INTEGER NOT NULL, seq INTEGER NOT NULL, created INTEGER NOT NULL,
            forgotten INTEGER NOT NULL, PRIMARY KEY (inbox, key)) WITHOUT ROWID;
        CREATE INDEX keys_by_age ON keys (forgotten);
        CREATE TABLE states (key TEXT PRIMARY KEY, etag TEXT NOT NULL, value BLOB NOT NULL) WITHOUT ROWID;
        """,
        "ALTER TABLE keys ADD COLUMN hash TEXT;",
        """
        ALTER TABLE inboxes ADD COLUMN skipped TEXT NOT NULL DEFAULT '';
        ALTER TABLE inboxes ADD COLUMN skipped_at INTEGER NOT NULL DEFAULT 0;
        CREATE TABLE origin (id INTEGER PRIMARY KEY, generation INTEGER NOT NULL, since INTEGER NOT NULL);
        """,
        "CREATE TABLE tombstones (hash TEXT PRIMARY KEY, epoch INTEGER NOT NULL, forgotten INTEGER NOT NULL) WITHOUT ROWID;",
        """
        ALTER TABLE entries ADD COLUMN collapse_key TEXT;
        CREATE INDEX entries_by_collapse_key ON entries (inbox, epoch, collapse_key) WHERE collapse_key IS NOT NULL;
        """,
        """
        CREATE TABLE waiting (inbox TEXT NOT NULL, id TEXT NOT NULL, due INTEGER NOT NULL, wake INTEGER NOT NULL, collapse_key TEXT, options TEXT NOT NULL, json BLOB NOT NULL,
            PRIMARY KEY (inbox, id)) WITHOUT ROWID;
        CREATE INDEX waiting_by_wake ON waiting (wake);
        CREATE INDEX waiting_by_collapse_key ON waiting (inbox, collapse_key) WHERE collapse_key IS NOT NULL;
        """,
        """
        CREATE TABLE topics (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, open INTEGER NOT NULL, subscribers INTEGER NOT NULL, jobs INTEGER NOT NULL, wake INTEGER);
        CREATE INDEX topics_by_wake ON topics (wake) WHERE wake IS NOT NULL;
        CREATE TABLE subscribers (topic INTEGER NOT NULL, user TEXT NOT NULL, left_at INTEGER NOT NULL, PRIMARY KEY (topic, user)) WITHOUT ROWID;
        CREATE INDEX subscribers_by_user ON subscribers (user);
        CREATE INDEX subscribers_by_leaving ON subscribers (topic, left_at, user) WHERE left_at > 0;
        CREATE TABLE topic_jobs (topic INTEGER NOT NULL, number INTEGER NOT NULL, work BLOB NOT NULL, users INTEGER NOT NULL, cursor TEXT NOT NULL, reached INTEGER NOT NULL,
            muted INTEGER NOT NULL, failed INTEGER NOT NULL, forgotten INTEGER NOT NULL, PRIMARY KEY (topic, number)) WITHOUT ROWID;
        CREATE INDEX topic_jobs_by_age ON topic_jobs (forgotten);
        CREATE INDEX topic_jobs_that_wait ON topic_jobs (topic, number) WHERE forgotten = 0;
        CREATE TABLE topic_keys (topic INTEGER NOT NULL, key BLOB NOT NULL, job INTEGER NOT NULL, users INTEGER NOT NULL, fingerprint TEXT NOT NULL, forgotten INTEGER NOT NULL,
            PRIMARY KEY (topic, key)) WITHOUT ROWID;
        CREATE INDEX topic_keys_by_age ON topic_keys (forgotten);
        """,
    ];

    /// <summary>Writes what an append needs, pages that were not there, and leaves nothing.</summary>
    public static void Probe(SqliteSession session)
    {
        session.Execute("INSERT INTO states (key, etag, value) VALUES ('probe', '', zeroblob(16384))"); // more than an index page has room for
        session.Execute("DELETE FROM states WHERE key = 'probe'");
    }

    public static long VersionOf(SqliteSession session)
    {
        var ask = session.Prepare("PRAGMA user_version");
        ask.Step();
        var version = ask.Integer(0);
        ask.Reset();
        return version;
    }

    /// <exception cref="StorageUnusableException">A later version of this software made the file.</exception>
    public static void Apply(SqliteSession session, string file)
    {
        var version = VersionOf(session);
        if (version > Version) throw new StorageUnusableException($"{file} has schema version {version}; this software knows {Version} and below. Use the version that made it.");
        for (; version < Version; version++) session.Run($"BEGIN IMMEDIATE; {_steps[version]} PRAGMA user_version = {version + 1}; COMMIT;");
    }
}
