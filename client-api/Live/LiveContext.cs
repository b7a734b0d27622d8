using OrleansInbox.Fanout;
using OrleansInbox.Telemetry;

namespace OrleansInbox.ClientApi.Live;

/// <summary>What the classes of this folder share, one for a process.</summary>
internal sealed partial class LiveContext(Func<string, IInboxGrain> inbox, IFanoutConsumer mailbox, LiveOptions options, TimeProvider time, InboxMetrics metrics, ILogger logger)
{
    private readonly LogThrottle _warnings = new(time);

    /// <summary>A new name for each start: leases and queues of the process before expire by themselves.</summary>
    public string Id { get; } = Guid.NewGuid().ToString("N");

    public Func<string, IInboxGrain> Inbox { get; } = inbox;
    public IFanoutConsumer Mailbox { get; } = mailbox;
    public LiveOptions Options { get; } = options;
    public TimeProvider Time { get; } = time;
    public InboxMetrics Metrics { get; } = metrics;
    public ILogger Logger { get; } = logger;

    /// <summary>How many connections may replay at the same time: a lost batch of events must not become a storm on storage.</summary>
    public SemaphoreSlim Replays { get; } = new(64);

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
