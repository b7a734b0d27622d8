using OrleansInbox.Storage;

namespace OrleansInbox.Tests;

/// <summary>A real log that can be made to wait and to fail, before or after it did what it was told.</summary>
public sealed class FlawedLog(IInboxLog log) : IInboxLog, IAsyncDisposable
{
    public IInboxLog Real => log;

    /// <summary>Runs before an append reaches the log.</summary>
    public Func<LogBatch, Task>? BeforeAppend { get; set; }

    /// <summary>Runs when the log has taken an append.</summary>
    public Func<LogBatch, Task>? AfterAppend { get; set; }

    public Func<Task>? BeforeOpen { get; set; }

    /// <summary>Runs when the log has said where it stands, and the caller does not know it yet.</summary>
    public Func<Task>? AfterOpen { get; set; }
    public Func<Task>? BeforeDelete { get; set; }

    /// <summary>Runs before the log is read, with the inbox.</summary>
    public Func<string, Task>? BeforeRead { get; set; }

    private int _opens;
    private int _appends;
    private int _reads;

    public int Opens => _opens;
    public int Appends => _appends;
    public int Reads => _reads;

    public async Task<LogPosition> Open(string inbox, DateTimeOffset minCreatedAt)
    {
        Interlocked.Increment(ref _opens);
        if (BeforeOpen is { } before) await before();
        var position = await log.Open(inbox, minCreatedAt);
        if (AfterOpen is { } after) await after();
        return position;
    }

    public async Task<IReadOnlyList<LogOutcome>> Append(string inbox, LogBatch batch)
    {
        Interlocked.Increment(ref _appends);
        if (BeforeAppend is { } before) await before(batch);
        var outcomes = await log.Append(inbox, batch);
        if (AfterAppend is { } after) await after(batch);
        return outcomes;
    }

    public async Task<IReadOnlyList<LogEntry>> Read(string inbox, long epoch, long from, long to, int max, bool newestFirst)
    {
        Interlocked.Increment(ref _reads);
        if (BeforeRead is { } before) await before(inbox);
        return await log.Read(inbox, epoch, from, to, max, newestFirst);
    }

    public Task<LogFloor?> FirstSince(string inbox, long epoch, long from, DateTimeOffset minCreatedAt) => log.FirstSince(inbox, epoch, from, minCreatedAt);
    public Task<IReadOnlyList<LogExpiry>> NextExpiries(string inbox, long epoch, int max) => log.NextExpiries(inbox, epoch, max);

    public async Task Delete(string inbox, long epoch, IReadOnlyList<long> seqs)
    {
        if (BeforeDelete is { } before) await before();
        await log.Delete(inbox, epoch, seqs);
    }

    public Task<long?> Find(string inbox, long epoch, string collapseKey) => log.Find(inbox, epoch, collapseKey);
    public Task Erase(string inbox, long epoch) => log.Erase(inbox, epoch);
    public Task Forget(string inbox, long epoch, TimeSpan keep) => log.Forget(inbox, epoch, keep);
    public Task Skip(string inbox, long epoch, long head, long to) => log.Skip(inbox, epoch, head, to);
    public Task Ping() => log.Ping();
    public Task Confirm(string inbox) => log.Confirm(inbox);
    public Task ProbeWrite() => log.ProbeWrite();

    public async ValueTask DisposeAsync()
    {
        if (log is IAsyncDisposable disposable) await disposable.DisposeAsync();
        else (log as IDisposable)?.Dispose();
    }
}
