using Microsoft.Extensions.Logging;
using OrleansInbox.Storage;
using OrleansInbox.Telemetry;

namespace OrleansInbox.Topics;

/// <summary>What all topics of a silo share.</summary>
internal sealed class TopicServices(ITopicStore topics, IWaitingStore waiting, InboxGrains inboxes, InboxMetrics metrics, TimeProvider time, SteadyClock clock, ILogger<TopicGrain> logger)
{
    public ITopicStore Topics => topics;
    public IWaitingStore Waiting => waiting;
    public InboxGrains Inboxes => inboxes;
    public InboxMetrics Metrics => metrics;
    public TimeProvider Time => time;
    public SteadyClock Clock => clock;
    public ILogger Logger => logger;

    /// <summary>While storage is away every inbox that a job goes to would log.</summary>
    public LogThrottle Warnings { get; } = new(time);
}
