namespace OrleansInbox.Storage.Sqlite;

/// <summary>The tables, and their version in <c>PRAGMA user_version</c>.</summary>
internal static class SqliteSchema
{
    public const long Version = 6;

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
