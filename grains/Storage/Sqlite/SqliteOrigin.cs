using System.Globalization;
using System.Text;

namespace OrleansInbox.Storage.Sqlite;

/// <summary>
/// Whether the file is an older one than was written last, as when a backup was put back: a number that grows with each start, and each minute in which
/// something was written, is kept in the file and beside it (in <c>inbox.lock</c>). With <c>synchronous=NORMAL</c> a power cut loses the last commits, so each start counts.
/// </summary>
internal sealed class SqliteOrigin
{
    private readonly FileStream _beside;
    private long _generation;

    /// <param name="session">Of the file.</param>
    /// <param name="beside">Open for writing.</param>
    /// <param name="mayLoseCommits">At a power cut.</param>
    /// <param name="now">The time.</param>
    public SqliteOrigin(SqliteSession session, FileStream beside, bool mayLoseCommits, DateTimeOffset now)
    {
        _beside = beside;
        var find = session.Prepare("SELECT generation, since FROM origin");
        var (known, since) = find.Step() ? (find.Integer(0), find.Integer(1)) : default;
        find.Reset();
        var last = ReadBeside();
        if (mayLoseCommits || known < last) since = now.ToUnixTimeMilliseconds();
        _generation = Math.Max(known, last) + 1;
        session.Prepare("INSERT OR REPLACE INTO origin (id, generation, since) VALUES (1, ?, ?)").Bind(_generation).Bind(since).Execute();
        WriteBeside();
        SetBackAt = since == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(since);
    }

    /// <summary>What was written before may have lost its end; null: never.</summary>
    public DateTimeOffset? SetBackAt { get; }

    /// <summary>Within a transaction.</summary>
    public void Advance(SqliteSession session) => session.Prepare("UPDATE origin SET generation = ?").Bind(++_generation).Execute();

    /// <summary>After the commit: what stands here is in the file, too.</summary>
    public void WriteBeside()
    {
        try
        {
            _beside.Position = 0;
            _beside.Write(Encoding.ASCII.GetBytes(_generation.ToString("D19", CultureInfo.InvariantCulture)));
            _beside.Flush();
        }
        catch (IOException)
        {
            // A full disk: the number stays behind, and says less.
        }
    }

    private long ReadBeside()
    {
        var text = new byte[19];
        _beside.Position = 0;
        return _beside.ReadAtLeast(text, text.Length, throwOnEndOfStream: false) == text.Length && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var generation) ? generation : 0;
    }
}
