using Microsoft.Extensions.Logging;
using OrleansInbox.Telemetry;
using SQLitePCL;

namespace OrleansInbox.Storage.Sqlite;

/// <summary>
/// The one thread that writes. Whatever waits when it comes round is committed together, across inboxes: one sync of the disk carries all.
/// A commit that fails, fails all of them, and leaves nothing behind.
/// </summary>
internal sealed partial class SqliteWriter : IDisposable
{
    /// <summary>What may wait; above it the disk cannot keep up, and whoever comes is told to come back later.</summary>
    private const int Capacity = 20_000;

    /// <summary>What one transaction carries at most, so that those in front are answered soon.</summary>
    private const int MaxTogether = 1_000;

    /// <summary>How long writes to a file that was removed may go on.</summary>
    private const long LookEvery = 1_000; // ms

    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _work = new(0);
    private readonly string _file;
    private readonly ILogger _logger;
    private readonly SqliteSession _session;
    private readonly Thread _thread;
    private readonly SqliteReserve _reserve;
    private Queue<SqliteWork> _waiting = new();
    private bool _sleeping;
    private bool _closed;
    private readonly LogThrottle _warnings = new(TimeProvider.System);
    private bool _failing;
    private bool _said;
    private bool _removed;
    private long _lookAt;

    public SqliteWriter(SqliteSession session, string file, ILogger logger)
    {
        (_session, _file, _logger, _reserve) = (session, file, logger, new(Path.Combine(Path.GetDirectoryName(file)!, "inbox.reserve")));
        _thread = new(Loop) { IsBackground = true, Name = "SQLite writer" };
        _thread.Start();
    }

    /// <exception cref="StorageUnavailableException">Too much waits, or the database was closed.</exception>
    public void Add(SqliteWork work)
    {
        lock (_gate)
        {
            if (_closed) throw new StorageUnavailableException($"{_file} is closed.");
            if (_waiting.Count >= Capacity) throw new StorageUnavailableException($"Too many writes wait for {_file}.");
            _waiting.Enqueue(work);
            if (!_sleeping) return;
            _sleeping = false;
        }
        _work.Release();
    }

    /// <summary>Writes what waits, then ends.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_closed) return;
            _closed = true;
            _sleeping = false;
        }
        _work.Release();
        _thread.Join();
        _session.Dispose();
        _work.Dispose();
    }

    private void Loop()
    {
        var batch = new List<SqliteWork>(MaxTogether);
        while (Take(batch))
        {
            if (IsRemoved()) Refuse(batch, static work => !work.IsPing, $"{_file} was removed or replaced while it is in use.");
            else if (!_reserve.TryHold(EmptyLog)) Refuse(batch, static work => work is { IsPing: false, MayUseReserve: false }, $"The disk is full: {_file} cannot grow.");
            if (batch.Count > 0) Commit(batch);
            batch.Clear();
        }
    }

    private bool Take(List<SqliteWork> batch)
    {
        while (true)
        {
            lock (_gate)
            {
                while (batch.Count < MaxTogether && _waiting.TryDequeue(out var work))
                    if (work.TryTake()) batch.Add(work);
                if (batch.Count > 0) return true;
                if (_closed) return false;
                _sleeping = true;
            }
            _work.Wait();
        }
    }

    /// <summary>Looked at before a commit, and at most once a second.</summary>
    private bool IsRemoved()
    {
        var now = Environment.TickCount64;
        if (now < _lookAt) return _removed;
        _lookAt = now + LookEvery;
        var removed = _session.HasMoved || !File.Exists(_file + "-wal");
        if (removed && !_removed) LogRemoved(_file);
        return _removed = removed;
    }

    /// <summary>Moves the write-ahead log into the file, where deleted rows have left room, and gives what it took back to the disk.</summary>
    private void EmptyLog()
    {
        try
        {
            _session.Run("PRAGMA wal_checkpoint(TRUNCATE)");
        }
        catch (SqliteFailure)
        {
            // The file cannot grow: what was moved stays in both.
        }
    }

    private static void Refuse(List<SqliteWork> batch, Predicate<SqliteWork> which, string reason)
    {
        foreach (var work in batch.FindAll(which)) work.Failed(new StorageUnavailableException(reason));
        batch.RemoveAll(which);
    }

    private void Commit(List<SqliteWork> batch)
    {
        var committing = false;
        try
        {
            _session.Execute("BEGIN IMMEDIATE");
            foreach (var work in batch) work.Run(_session);
            committing = true;
            _session.Execute("COMMIT");
        }
        catch (SqliteFailure e)
        {
            Rollback();
            if (e.Code == raw.SQLITE_FULL && batch.Count > 1)
            {
                foreach (var work in batch) Commit([work]); // what frees pages may succeed where what needs them does not
                return;
            }
            if (e.Code == raw.SQLITE_FULL && batch[0].MayUseReserve && _reserve.GiveUp())
            {
                Commit(batch);
                return;
            }
            // A sync that failed says nothing of what reached the disk: after a crash it may be found there.
            var uncertain = committing && e.Code == raw.SQLITE_IOERR;
            if (!_failing && (_said = _warnings.ShouldLog())) LogFailed(e.Explain(_file), batch.Count, e); // once per episode; while the disk is full, some succeed in between
            _failing = true;
            foreach (var work in batch) work.Failed(new StorageUnavailableException(e.Explain(_file), e) { Uncertain = uncertain });
            return;
        }
        if (!batch.TrueForAll(static work => work.IsPing))
        {
            if (_failing && _said) LogWorksAgain(_file);
            _failing = false;
        }
        foreach (var work in batch) work.Committed();
    }

    private void Rollback()
    {
        _session.Rollbacks++;
        if (_session.IsIdle) return; // SQLite has rolled back by itself
        try
        {
            _session.Execute("ROLLBACK");
        }
        catch (SqliteFailure e)
        {
            LogFailed(e.Explain(_file), 0, e);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Explanation} {Count} writes failed together.")]
    private partial void LogFailed(string explanation, int count, Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "{File} was removed or replaced while it is in use. Nothing more is written, and what was written last may be lost: stop the server and put the file back.")]
    private partial void LogRemoved(string file);

    [LoggerMessage(Level = LogLevel.Information, Message = "{File} can be written again.")]
    private partial void LogWorksAgain(string file);
}
