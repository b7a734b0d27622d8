using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OrleansInbox.Storage;
using OrleansInbox.Storage.Redis;
using OrleansInbox.Telemetry;

namespace OrleansInbox.Backups;

/// <summary>Makes a backup each <see cref="BackupOptions.Every"/>, and removes the oldest. What fails is said, and tried again.</summary>
internal sealed partial class ScheduledBackups(IInboxArchive archive, InboxOptions options, BackupStatus status, InboxMetrics metrics, TimeProvider time, ILogger<ScheduledBackups> logger, RedisConnection? redis = null) : BackgroundService
{
    private static readonly TimeSpan _longestCheck = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan _renewEvery = TimeSpan.FromSeconds(20);

    private readonly BackupTurn _turn = new(options.Backup, time, redis);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var checkEvery = options.Backup.Every / 10 is { } often && often < _longestCheck ? often : _longestCheck;
        using var timer = new PeriodicTimer(checkEvery, time);
        try
        {
            do await Check(stoppingToken);
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server stops; what was begun is begun again by the next one.
        }
    }

    private async Task Check(CancellationToken stopping)
    {
        try
        {
            if (await _turn.Take() is not { } file) return;
            var started = time.GetUtcNow();
            DataFolder.Create(options.Backup.Path!);
            foreach (var part in _turn.Parts()) File.Delete(part);
            var summary = await Write(file, stopping);
            await _turn.Done(started);
            foreach (var old in _turn.Files().SkipLast(options.Backup.Keep)) File.Delete(old);
            status.Succeeded();
            metrics.BackedUp("done");
            var (bytes, took) = (new FileInfo(file).Length, time.GetUtcNow() - started);
            LogDone(file, summary.Inboxes, bytes, took);
        }
        catch (Exception failure) when (failure is BackupException or StorageUnavailableException or StorageUnusableException or IOException or UnauthorizedAccessException)
        {
            status.Failed(time.GetUtcNow(), failure.Message);
            metrics.BackedUp("failed");
            LogFailed(failure.Message);
            try
            {
                await _turn.Failed();
            }
            catch (StorageUnavailableException)
            {
                // It is storage that is away.
            }
        }
    }

    private async Task<BackupSummary> Write(string file, CancellationToken stopping)
    {
        using var renewing = new Timer(_ => _ = Renew(), null, _renewEvery, _renewEvery);
        return await Task.Run(() => new BackupRun(archive, time, options.Backup.Pace).Write(file, BackupProgress.None, stopping), stopping);
    }

    private async Task Renew()
    {
        try
        {
            await _turn.Renew();
        }
        catch (StorageUnavailableException)
        {
            // The backup itself finds out.
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Backup {File}: {Inboxes} inboxes, {Bytes} bytes, in {Time}.")]
    private partial void LogDone(string file, long inboxes, long bytes, TimeSpan time);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The scheduled backup failed: {Reason}")]
    private partial void LogFailed(string reason);
}
