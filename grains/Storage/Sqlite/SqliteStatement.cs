using SQLitePCL;

namespace OrleansInbox.Storage.Sqlite;

/// <summary>A prepared statement: <c>Bind(…).Bind(…)</c> in the order of its parameters, then <see cref="Execute"/>, or <see cref="Step"/> until false.</summary>
/// <remarks>Reset when it has run to its end; who stops before that calls <see cref="Reset"/>.</remarks>
internal sealed class SqliteStatement(SqliteSession session, sqlite3_stmt statement) : IDisposable
{
    private int _bound;
    private bool _used;

    public SqliteStatement Bind(long value)
    {
        _used = true;
        session.Check(raw.sqlite3_bind_int64(statement, ++_bound, value));
        return this;
    }

    public SqliteStatement Bind(long? value)
    {
        if (value is { } number) return Bind(number);
        _used = true;
        session.Check(raw.sqlite3_bind_null(statement, ++_bound));
        return this;
    }

    public SqliteStatement Bind(string value)
    {
        _used = true;
        session.Check(raw.sqlite3_bind_text(statement, ++_bound, value));
        return this;
    }

    public SqliteStatement Bind(ReadOnlySpan<byte> value)
    {
        _used = true;
        session.Check(raw.sqlite3_bind_blob(statement, ++_bound, value));
        return this;
    }

    public bool Step()
    {
        _used = true;
        var code = raw.sqlite3_step(statement);
        if (code == raw.SQLITE_ROW) return true;
        var failure = code == raw.SQLITE_DONE ? null : session.Failure(code); // before the reset, which forgets the message
        Reset();
        return failure is null ? false : throw failure;
    }

    public void Execute()
    {
        while (Step()) { }
    }

    public void Reset()
    {
        if (!_used) return;
        _used = false;
        _ = raw.sqlite3_reset(statement); // says again what the step said
        _bound = 0;
    }

    public long Integer(int column) => raw.sqlite3_column_int64(statement, column);

    public string Text(int column) => raw.sqlite3_column_text(statement, column).utf8_to_string();

    public byte[] Bytes(int column) => raw.sqlite3_column_blob(statement, column).ToArray();

    public void Dispose() => statement.Dispose();
}
