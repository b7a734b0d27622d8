using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using OrleansInbox.Telemetry;

namespace OrleansInbox.Fanout;

/// <summary>This silo's queues, one for each front-end that watches an inbox here.</summary>
public sealed class FrontEndQueues : IDisposable
{
    private static readonly TimeSpan _unused = 4 * InboxLimits.WatchLease;

    private readonly ConcurrentDictionary<string, FrontEndQueue> _queues = new(StringComparer.Ordinal);
    private readonly Func<string, FrontEndQueue> _open;
    private readonly TimeProvider _time;
    private readonly ITimer _sweep;

    public FrontEndQueues(IFanoutProducer producer, TimeProvider time, InboxMetrics metrics, ILogger<FrontEndQueues> logger)
    {
        _time = time;
        _open = frontEnd => new FrontEndQueue(frontEnd, producer, time, metrics, logger);
        _sweep = time.CreateTimer(_ => Sweep(), null, _unused, _unused);
    }

    /// <summary>Never waits and never throws. Events of one inbox to one front-end keep their order.</summary>
    public void Send(string frontEnd, InboxEvent inboxEvent) => _queues.GetOrAdd(frontEnd, _open).Send(inboxEvent);

    /// <summary>Completes when nothing waits for that front-end any more.</summary>
    public Task Drained(string frontEnd) => _queues.TryGetValue(frontEnd, out var queue) ? queue.Drained() : Task.CompletedTask;

    private void Sweep()
    {
        foreach (var (frontEnd, queue) in _queues)
            if (_time.GetElapsedTime(queue.LastUsed) > _unused) _queues.TryRemove(frontEnd, out _);
    }

    public void Dispose() => _sweep.Dispose();
}
