namespace OrleansInbox.Storage.Sqlite;

/// <summary>Who was forgotten: by that a restore passes them over, and what still comes for their inbox is refused.</summary>
internal static class SqliteTombstones
{
    /// <returns>0 when the inbox was not forgotten.</returns>
    public static long EpochOf(SqliteSession session, string inbox)
    {
        var find = session.Prepare("SELECT epoch FROM tombstones WHERE hash = ?").Bind(Tombstone.HashOf(inbox));
        var epoch = find.Step() ? find.Integer(0) : 0;
        find.Reset();
        return epoch;
    }

    /// <summary>Of two for one inbox the later epoch and the longer life are kept.</summary>
    public static void Write(SqliteSession session, Tombstone tombstone) => session
        .Prepare("INSERT INTO tombstones (hash, epoch, forgotten) VALUES (?1, ?2, ?3) ON CONFLICT (hash) DO UPDATE SET epoch = max(epoch, ?2), forgotten = max(forgotten, ?3)")
        .Bind(tombstone.Hash).Bind(tombstone.Epoch).Bind(tombstone.Until).Execute();

    /// <summary>Those whose time is up.</summary>
    public static void Drop(SqliteSession session, long now) => session.Prepare("DELETE FROM tombstones WHERE forgotten <= ?").Bind(now).Execute();
}
