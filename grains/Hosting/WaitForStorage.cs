using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OrleansInbox.Storage;
using OrleansInbox.Storage.Redis;
using OrleansInbox.Telemetry;

namespace OrleansInbox;

/// <summary>Delays the start of a silo until storage answers, so that the two can be started and restarted in any order. What waiting does not mend ends the process.</summary>
internal sealed partial class WaitForStorage(IInboxLog log, InboxOptions options, TimeProvider time, ILogger<WaitForStorage> logger, RedisConnection? redis = null) : IHostedLifecycleService
{
    private static readonly TimeSpan _pause = TimeSpan.FromSeconds(1);

    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        var warnings = new LogThrottle(time);
        await Answers(warnings, cancellationToken);
        if (redis is null) return;
        await redis.Inspected().WaitAsync(cancellationToken);
        if (redis.Unfit is { } unfit) throw new StorageUnusableException(unfit);
        if (redis.Evicts is { } evicts && !options.AllowUnsafe) throw new StorageUnusableException($"{evicts} (Or Storage:AllowUnsafe=true, to start all the same.)");
    }

    private async Task Answers(LogThrottle warnings, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await log.Ping();
                return;
            }
            catch (StorageUnavailableException away)
            {
                if (RedisConnection.LacksRights(away.InnerException) is { } lacks) throw new StorageUnusableException(lacks, away);
                var reason = redis is null ? null : await redis.FindFailure();
                if (warnings.ShouldLog()) StillAway(logger, reason ?? away.Message);
                await Task.Delay(_pause, time, cancellationToken);
            }
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(Level = LogLevel.Warning, Message = "Waiting for storage before this member starts: {Reason}")]
    private static partial void StillAway(ILogger logger, string reason);
}
