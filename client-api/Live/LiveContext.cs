using OrleansInbox.Fanout;
using OrleansInbox.Telemetry;

namespace OrleansInbox.ClientApi.Live;

/// <summary>What the classes of this folder share, one for a process.</summary>
internal sealed partial class LiveContext(Func<string, IInboxGrain> inbox, FanoutSubscription subscription, LiveOptions options, TimeProvider time, InboxMetrics metrics, ILogger logger)
{
    private const int _page = 100;

    private readonly LogThrottle _warnings = new(time);

    /// <summary>So many connections may replay at the same time: a lost batch of events must not become a storm on storage.</summary>
    private SemaphoreSlim Replays { get; } = new(64);

    public LiveOptions Options { get; } = options;
    public TimeProvider Time { get; } = time;
    public InboxMetrics Metrics { get; } = metrics;
    public ILogger Logger { get; } = logger;

    /// <summary>Takes or renews this front-end's lease on an inbox.</summary>
    /// <exception cref="TimeoutException">No answer within <see cref="LiveOptions.CallTimeout"/>.</exception>
    public Task<InboxPosition> Watch(string key) => inbox(key).Watch(subscription.FrontEndId).WaitAsync(Options.CallTimeout, Time);

    /// <summary>Ends the lease.</summary>
    /// <inheritdoc cref="Watch"/>
    public Task Unwatch(string key) => inbox(key).Unwatch(subscription.FrontEndId).WaitAsync(Options.CallTimeout, Time);

    /// <summary>A page of what is newer than a position.</summary>
    /// <inheritdoc cref="Watch"/>
    public async Task<ReplayPage> Replay(string key, LivePosition after)
    {
        await Replays.WaitAsync();
        try
        {
            return await inbox(key).Replay(after.Id, after.Marks, _page).WaitAsync(Options.CallTimeout, Time);
        }
        finally
        {
            Replays.Release();
        }
    }

    /// <summary>The time since the log accepted a notification.</summary>
    public TimeSpan Since(double appendedAt) => Time.GetUtcNow() - DateTimeOffset.UnixEpoch - TimeSpan.FromMilliseconds(appendedAt);

    /// <summary>The process stops: connections are closed, and new ones at once.</summary>
    public volatile bool Stopping;

    /// <summary>A grain or its storage does not answer. All connections may find out at once: one warning stands for them.</summary>
    public void LogUnreachable(string inbox, Exception failure) =>
        LogInboxUnreachable(Logger, _warnings.ShouldLog() ? LogLevel.Warning : LogLevel.Debug, failure, inbox);

    [LoggerMessage(Message = "The inbox {Inbox} could not be asked; its live connections stay open and it is tried again. (Further failures of the next seconds are logged as Debug.)")]
    private static partial void LogInboxUnreachable(ILogger logger, LogLevel level, Exception failure, string inbox);
}
