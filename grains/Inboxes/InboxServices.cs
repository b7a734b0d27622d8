using Microsoft.Extensions.Logging;
using OrleansInbox.Announcements;
using OrleansInbox.Fanout;
using OrleansInbox.Storage;
using OrleansInbox.Telemetry;
using OrleansInbox.Webhooks;

namespace OrleansInbox.Inboxes;

/// <summary>What every activation shares: one reference each instead of ten.</summary>
public sealed record InboxServices(IInboxLog Log, IWaitingStore Waiting, ITopicStore Topics, WebhookOptions Webhooks, SiloAnnouncements Announcements, FrontEndQueues FrontEndQueues, InboxOptions Options, TimeProvider Time, SteadyClock Clock, InboxMetrics Metrics, ILogger<InboxGrain> Logger)
{
    /// <summary>Storage that is away fails every inbox at once.</summary>
    internal LogThrottle Outage { get; } = new(Time);

    /// <summary>Storage that lost entries lost those of many inboxes.</summary>
    internal LogEpisode Losses { get; } = new(Time);

    /// <summary>A silo that was frozen finds many changes in its sockets.</summary>
    internal LogEpisode LateChanges { get; } = new(Time);

    /// <summary>A split of the network activates many inboxes twice.</summary>
    internal LogEpisode Conflicts { get; } = new(Time);

    /// <summary>Each reads at most <see cref="Stretches.MaxLength"/> entries. SQLite has twice as many readers.</summary>
    internal SemaphoreSlim ScanSteps { get; } = new(4);
}
