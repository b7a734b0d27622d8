using Microsoft.Extensions.Logging;
using OrleansInbox.Storage.Redis;
using OrleansInbox.Telemetry;

namespace OrleansInbox.Ingest;

/// <summary>What all readers of a silo share.</summary>
internal sealed class IngestServices(RedisConnection redis, IngestOptions options, InboxGrains inboxes, InboxMetrics metrics, TimeProvider time, ILogger<IngestGrain> logger)
{
    public RedisConnection Redis => redis;
    public IngestOptions Options => options;
    public InboxGrains Inboxes => inboxes;
    public InboxMetrics Metrics => metrics;
    public TimeProvider Time => time;
    public ILogger Logger => logger;

    /// <summary>While storage is away every entry that is under way would log.</summary>
    public LogThrottle Warnings { get; } = new(time);
}
