using Microsoft.Extensions.Logging;
using OrleansInbox.Fanout;
using OrleansInbox.Storage;
using OrleansInbox.Telemetry;

namespace OrleansInbox.Inboxes;

/// <summary>What every activation shares: one reference each instead of six.</summary>
public sealed record InboxServices(IInboxLog Log, FrontEndQueues FrontEndQueues, InboxOptions Options, TimeProvider Time, InboxMetrics Metrics, ILogger<InboxGrain> Logger)
{
    /// <summary>Storage that is away fails every inbox at once.</summary>
    internal LogThrottle Outage { get; } = new(Time);

    /// <summary>Each reads at most <see cref="Stretches.MaxLength"/> entries. SQLite has twice as many readers.</summary>
    internal SemaphoreSlim ScanSteps { get; } = new(4);
}
