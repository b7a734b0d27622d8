using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using OrleansInbox.Telemetry;

namespace OrleansInbox.Fanout;

/// <summary>This silo's lanes, one for each front-end that watches an inbox here.</summary>
public sealed class FrontEndQueues : IDisposable
{
    private static readonly TimeSpan _unused = 4 * InboxLimits.WatchLease;

    private readonly ConcurrentDictionary<string, FrontEndQueue> _lanes = new(StringComparer.Ordinal);
    private readonly Func<string, FrontEndQueue> _open;
    private readonly TimeProvider _time;
    private readonly ITimer _sweep;

    public FrontEndQueues(IFanoutProducer messenger, TimeProvider time, InboxMetrics metrics, ILogger<FrontEndQueues> logger)
    {
        _time = time;
        _open = frontEnd => new FrontEndQueue(frontEnd, messenger, time, metrics, logger);
        _sweep = time.CreateTimer(_ => Sweep(), null, _unused, _unused);
    }

    /// <summary>Never waits and never throws. Events of one inbox to one front-end keep their order.</summary>
    public void Send(string frontEnd, InboxEvent inboxEvent) => _lanes.GetOrAdd(frontEnd, _open).Send(inboxEvent);

    /// <summary>The front-end watches an inbox of this silo, and is called so.</summary>
    public void Watches(string frontEnd, IFrontEnd? reference)
    {
        if (reference is not null) _lanes.GetOrAdd(frontEnd, _open).Reference = reference;
    }

    private void Sweep()
    {
        foreach (var (frontEnd, lane) in _lanes)
            if (_time.GetElapsedTime(lane.LastUsed) > _unused) _lanes.TryRemove(frontEnd, out _);
    }

    public void Dispose() => _sweep.Dispose();
}
