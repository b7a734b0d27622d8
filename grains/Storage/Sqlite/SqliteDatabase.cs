using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace OrleansInbox.Storage.Sqlite;

/// <summary>
/// <c>&lt;DataPath&gt;/inbox.db</c>, for one process at a time: one writer, and readers that neither block it nor wait for it (WAL).
/// Shared by the log and the grain storage; owns the file while it lives.
/// </summary>
public sealed partial class SqliteDatabase : IDisposable
{
    private const int MaxReaders = 8;
    private static readonly TimeSpan _sweepEvery = TimeSpan.FromMinutes(1);

    private readonly ConcurrentBag<SqliteSession> _readers = [];
    private readonly SemaphoreSlim _reading = new(MaxReaders);
    private readonly TimeSpan _timeout;
    private readonly TimeProvider _time;
    private readonly SteadyClock? _clock;
    private readonly string _file;
    private readonly FileStream _lock;
    private readonly SqliteOrigin _origin;
    private readonly SqliteWriter _writer;
    private readonly ITimer _sweep;
    private volatile Task _settled = Task.CompletedTask;
    private volatile bool _disposed;
    private bool _written;

    /// <exception cref="StorageUnusableException">The folder is in use or not writable, or the file is damaged, locked or not of this version.</exception>
    public SqliteDatabase(InboxOptions options, TimeProvider time, ILogger<SqliteDatabase> logger, SteadyClock? clock = null)
    {
        var folder = Path.GetFullPath(options.DataPath);
        (_timeout, _time, _clock, _file) = (options.StorageTimeout, time, clock, Path.Combine(folder, "inbox.db"));
        _lock = LockFolder(folder);
        SqliteSession? session = null;
        try
        {
            CompareClock(clock);
            Restrict(logger);
            session = new(_file, readOnly: false);
            var synchronous = options.SqliteSynchronous.Equals("NORMAL", StringComparison.OrdinalIgnoreCase) ? "NORMAL" : "FULL";
            // 256 MiB of WAL between checkpoints: pages that are written again and again reach the database once.
            session.Run($"PRAGMA busy_timeout = 500; PRAGMA journal_mode = WAL; PRAGMA synchronous = {synchronous}; PRAGMA wal_autocheckpoint = 64000; PRAGMA cache_size = -65536;");
            SqliteSchema.Apply(session, _file);
            _origin = new(session, _lock, mayLoseCommits: synchronous == "NORMAL", time.GetUtcNow());
        }
        catch (Exception e)
        {
            session?.Dispose();
            _lock.Dispose();
            throw e switch
            {
                SqliteFailure failure => new StorageUnusableException(failure.Explain(_file), failure),
                IOException or UnauthorizedAccessException => new StorageUnusableException($"{_file} cannot be used: {e.Message}", e),
                _ => e,
            };
        }
        _writer = new(session, _file, logger);
        _sweep = time.CreateTimer(_ => { Sweep(); AdvanceOrigin(); }, null, _sweepEvery, _sweepEvery);
    }

    /// <summary>What was written before may have lost its end; null: it cannot have.</summary>
    internal DateTimeOffset? SetBackAt => _origin.SetBackAt;

    /// <summary>By which idempotency keys are forgotten.</summary>
    internal DateTimeOffset Now => _clock?.Now ?? _time.GetUtcNow();

    /// <summary>Runs in the writer's next transaction; the task ends when that is on disk.</summary>
    /// <exception cref="StorageUnavailableException">Uncertain only when it was being written as its time was up; reads wait for the end of that.</exception>
    internal Task<T> Write<T>(Func<SqliteSession, T> action, bool whenFull = false)
    {
        _written = true;
        return Write(new SqliteWork<T>(action) { MayUseReserve = whenFull });
    }

    private async Task<T> Write<T>(SqliteWork<T> work)
    {
        _writer.Add(work);
        try
        {
            return await work.Done.WaitAsync(_timeout, _time);
        }
        catch (TimeoutException e)
        {
            if (work.TryTake()) throw new StorageUnavailableException($"{_file} is too slow.", e);
            _settled = work.Done;
            throw new StorageUnavailableException($"{_file} is too slow.", e) { Uncertain = true };
        }
    }

    /// <summary>Writes to the disk.</summary>
    internal Task ProbeWrite() => Write(static session =>
    {
        SqliteSchema.Probe(session);
        return true;
    });

    /// <summary>To the disk and back: a read alone would not notice that the file is locked.</summary>
    internal Task Ping() => Write(new SqliteWork<bool>(static _ => true) { IsPing = true });

    /// <summary>Runs on a connection of its own and sees what is committed.</summary>
    internal async Task<T> Read<T>(Func<SqliteSession, T> query)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        try
        {
            if (!_settled.IsCompleted) await Settled();
            if (!await _reading.WaitAsync(_timeout)) throw new TimeoutException("All readers are busy.");
            return await Task.Run(() => Query(query)).WaitAsync(_timeout, _time); // the disk may hang; the caller must not
        }
        catch (TimeoutException e)
        {
            throw new StorageUnavailableException($"{_file} is too slow.", e);
        }
        catch (SqliteFailure e)
        {
            throw new StorageUnavailableException(e.Explain(_file), e);
        }
    }

    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        _sweep.Dispose();
        while (_readers.TryTake(out var reader)) reader.Dispose();
        _writer.Dispose(); // last: closing the last connection moves the WAL into the database
        _reading.Dispose();
        _lock.Dispose();
    }

    private T Query<T>(Func<SqliteSession, T> query)
    {
        SqliteSession? session = null;
        var healthy = false;
        try
        {
            if (!_readers.TryTake(out session)) session = OpenReader();
            session.Execute("BEGIN"); // one snapshot for all that the query asks
            var result = query(session);
            session.Execute("COMMIT");
            healthy = true;
            return result;
        }
        finally
        {
            if (healthy && !_disposed) _readers.Add(session!);
            else session?.Dispose();
            if (!_disposed) _reading.Release();
        }
    }

    private SqliteSession OpenReader()
    {
        var session = new SqliteSession(_file, readOnly: true);
        session.Run("PRAGMA busy_timeout = 500; PRAGMA query_only = 1;");
        return session;
    }

    private async Task Settled()
    {
        try
        {
            await _settled.WaitAsync(_timeout, _time);
        }
        catch (Exception e) when (e is not TimeoutException)
        {
            // how it ended is told by what is read now
        }
    }

    /// <summary>After a minute in which something was written.</summary>
    private void AdvanceOrigin()
    {
        if (!Interlocked.Exchange(ref _written, false)) return;
        try
        {
            _writer.Add(new SqliteWork<bool>(session =>
            {
                _origin.Advance(session);
                return true;
            }, _origin.WriteBeside));
        }
        catch (StorageUnavailableException)
        {
            _written = true;
        }
    }

    /// <summary>Idempotency keys that are over, in steps that hold nobody up, and tombstones.</summary>
    private void Sweep()
    {
        const int step = 500;
        var now = Now.ToUnixTimeMilliseconds();
        try
        {
            _writer.Add(new SqliteWork<bool>(session =>
            {
                var delete = session.Prepare("DELETE FROM keys WHERE (inbox, key) IN (SELECT inbox, key FROM keys WHERE forgotten <= ? LIMIT 500) RETURNING 1").Bind(now);
                var deleted = 0;
                while (delete.Step()) deleted++;
                SqliteTombstones.Drop(session, now);
                SqliteTopicStore.Drop(session, now);
                if (deleted == step) ThreadPool.QueueUserWorkItem(_ => Sweep());
                return true;
            }));
        }
        catch (StorageUnavailableException)
        {
            // a minute later is soon enough
        }
    }

    /// <summary>When the database was last written the date was right. A server may have been away for a day.</summary>
    private void CompareClock(SteadyClock? clock)
    {
        var written = new[] { _file, _file + "-wal" }.Where(File.Exists).Select(File.GetLastWriteTimeUtc).DefaultIfEmpty(DateTime.MaxValue).Max();
        clock?.Compare(new(written, TimeSpan.Zero), TimeSpan.FromDays(1));
    }

    /// <summary>SQLite gives the files beside the database (-wal, -shm) the mode of the database.</summary>
    private void Restrict(ILogger logger)
    {
        using (DataFolder.Open(_file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite)) { }
        foreach (var suffix in (ReadOnlySpan<string>)["", "-wal", "-shm"])
            if (DataFolder.Restrict(_file + suffix)) LogRestricted(logger, _file + suffix);
    }

    private static FileStream LockFolder(string folder)
    {
        try
        {
            DataFolder.Create(folder);
            return DataFolder.Open(Path.Combine(folder, "inbox.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new StorageUnusableException($"The data folder {folder} is not writable.", e);
        }
        catch (IOException e)
        {
            throw new StorageUnusableException($"The data folder {folder} is in use by another process, or not usable: {e.Message}", e);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{File} could be read by other users of this machine; now it is its owner's alone.")]
    private static partial void LogRestricted(ILogger logger, string file);
}
