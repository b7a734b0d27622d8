using System.Diagnostics;
using OrleansInbox.Storage;

namespace OrleansInbox.Backups;

/// <summary>Writes all inboxes of a storage to a file, at a pace that leaves the storage to others.</summary>
internal sealed class BackupRun(IInboxArchive archive, TimeProvider time, int pace)
{
    /// <summary>Are read at the same time, and are in memory.</summary>
    private const int _atOnce = 16;

    /// <summary>Waits that are shorter are saved up.</summary>
    private static readonly TimeSpan _leastWait = TimeSpan.FromMilliseconds(20);

    private TimeSpan _owed;

    /// <exception cref="BackupException">The file is there already, or cannot be written.</exception>
    /// <exception cref="StorageUnavailableException">Storage is away.</exception>
    public async Task<BackupSummary> Write(string file, BackupProgress progress, CancellationToken cancelled)
    {
        progress.Begin(await archive.Count());
        using var writer = new BackupWriter(file, new(BackupFormat.Name, BackupFormat.Version, time.GetUtcNow(), archive.Source));
        var next = new List<string>(_atOnce);
        await foreach (var inbox in archive.Inboxes(cancelled))
        {
            next.Add(inbox);
            if (next.Count < _atOnce) continue;
            await Write(writer, next, cancelled);
            progress.Report(writer.Inboxes, writer.Bytes);
        }
        await Write(writer, next, cancelled);
        await Each(archive.Keys(cancelled), writer.Write, cancelled);
        await Each(archive.Topics(cancelled), writer.Write, cancelled);
        await Each(archive.Announcements(cancelled), writer.Write, cancelled);
        await Each(archive.Tombstones(cancelled), writer.Write, cancelled);
        cancelled.ThrowIfCancellationRequested();
        progress.Report(writer.Inboxes, writer.Bytes);
        return writer.Complete();
    }

    private async Task Write(BackupWriter writer, List<string> inboxes, CancellationToken cancelled)
    {
        var started = Stopwatch.GetTimestamp();
        foreach (var inbox in await Task.WhenAll(inboxes.Select(archive.Read)))
            if (inbox is not null) writer.Write(inbox);
        inboxes.Clear();
        await Pause(Stopwatch.GetElapsedTime(started), cancelled);
    }

    private async Task Each<T>(IAsyncEnumerable<T> all, Action<T> write, CancellationToken cancelled)
    {
        const int step = 256;
        var (count, started) = (0, Stopwatch.GetTimestamp());
        await foreach (var one in all)
        {
            write(one);
            if (++count % step != 0) continue;
            await Pause(Stopwatch.GetElapsedTime(started), cancelled);
            started = Stopwatch.GetTimestamp();
        }
    }

    private async Task Pause(TimeSpan worked, CancellationToken cancelled)
    {
        cancelled.ThrowIfCancellationRequested();
        _owed += worked * ((100.0 - pace) / pace);
        if (_owed < _leastWait) return;
        var before = Stopwatch.GetTimestamp();
        await Task.Delay(_owed, cancelled);
        _owed -= Stopwatch.GetElapsedTime(before);
        if (_owed < -_leastWait) _owed = -_leastWait; // a machine that is busy waits long enough by itself
    }
}
