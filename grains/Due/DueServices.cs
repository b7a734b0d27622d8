using Microsoft.Extensions.Logging;
using OrleansInbox.Storage;
using OrleansInbox.Telemetry;
using OrleansInbox.Webhooks;

namespace OrleansInbox.Due;

/// <summary>What all readers of a silo share.</summary>
internal sealed class DueServices(IWaitingStore waiting, InboxOptions options, InboxGrains inboxes, IGrainFactory topics, WebhookSender webhooks, InboxMetrics metrics, TimeProvider time, SteadyClock clock, ILogger<DueGrain> logger)
{
    public IWaitingStore Waiting => waiting;
    public InboxOptions Options => options;
    public InboxGrains Inboxes => inboxes;
    public IGrainFactory Topics => topics;
    public WebhookSender Webhooks => webhooks;
    public InboxMetrics Metrics => metrics;
    public TimeProvider Time => time;
    public SteadyClock Clock => clock;
    public ILogger Logger => logger;

    /// <summary>While storage is away every inbox would log.</summary>
    public LogThrottle Warnings { get; } = new(time);
}
