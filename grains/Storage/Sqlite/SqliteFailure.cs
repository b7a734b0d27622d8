using SQLitePCL;

namespace OrleansInbox.Storage.Sqlite;

/// <summary>SQLite said no; at the border it becomes a <see cref="StorageUnavailableException"/>.</summary>
internal sealed class SqliteFailure(int code, string message) : Exception(message)
{
    /// <summary>The primary result code.</summary>
    public int Code => code & 0xff;

    /// <summary>What somebody can do about it.</summary>
    public string Explain(string file) => Code switch
    {
        raw.SQLITE_FULL => $"The disk is full: {file} cannot grow.",
        raw.SQLITE_READONLY => $"{file} is read-only.",
        raw.SQLITE_BUSY or raw.SQLITE_LOCKED => $"{file} is locked by another process.",
        raw.SQLITE_CANTOPEN => $"{file} cannot be opened: {Message}.",
        raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB => $"{file} is damaged: {Message}.",
        _ => $"{file} failed: {Message}.",
    };
}
