using Microsoft.Extensions.Logging;
using OrleansInbox.Telemetry;

namespace OrleansInbox.Fanout;

/// <summary>
/// Events from this silo to one front-end. What gathers while a batch is under way goes with the next one, so that a publish never waits for a front-end.
/// Bounded: when full, only the names of the inboxes are kept, and the front-end reads those inboxes' events from the grain.
/// </summary>
internal sealed partial class FrontEndQueue(string frontEnd, IFanoutProducer producer, TimeProvider time, InboxMetrics metrics, ILogger logger)
{
    public const int Capacity = 8_192;
    public const int MaxBatch = 512;

    /// <summary>More are found by the front-end itself when it renews its leases.</summary>
    private const int _maxMissed = 10_000;
    private static readonly TimeSpan _firstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan _longestPause = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();
    private readonly Queue<InboxEvent> _waiting = new();
    private readonly HashSet<string> _missed = new(StringComparer.Ordinal);
    private bool _pumping;
    private TaskCompletionSource? _drained;

    public long LastUsed { get; private set; } = time.GetTimestamp();

    public void Send(InboxEvent inboxEvent)
    {
        lock (_lock)
        {
            LastUsed = time.GetTimestamp();
            if (_waiting.Count < Capacity) _waiting.Enqueue(inboxEvent);
            else Miss(inboxEvent.Inbox);
            if (_pumping) return;
            _pumping = true;
        }
        _ = Task.Run(Pump); // away from the grain's turn
    }

    /// <summary>Completes when nothing waits any more: it was delivered, or the front-end is gone.</summary>
    public Task Drained()
    {
        lock (_lock) return _pumping ? (_drained ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task : Task.CompletedTask;
    }

    private async Task Pump()
    {
        var pause = _firstPause;
        while (Take() is { } batch)
        {
            try
            {
                await producer.Send(frontEnd, batch);
                pause = _firstPause;
            }
            catch (Exception failure)
            {
                lock (_lock)
                    foreach (var lost in batch.Events.Select(e => e.Inbox).Concat(batch.Missed)) Miss(lost);
                if (pause == _firstPause) SendFailed(logger, failure, frontEnd); // once per episode
                await Task.Delay(pause, time);
                pause = pause * 2 < _longestPause ? pause * 2 : _longestPause;
                if (time.GetElapsedTime(LastUsed) > InboxLimits.WatchLease)
                {
                    GiveUp();
                    return;
                }
            }
        }
    }

    private InboxEvents? Take()
    {
        lock (_lock)
        {
            if (_waiting.Count == 0 && _missed.Count == 0)
            {
                Stop();
                return null;
            }
            var events = new InboxEvent[Math.Min(_waiting.Count, MaxBatch)];
            for (var i = 0; i < events.Length; i++) events[i] = _waiting.Dequeue();
            string[] missed = [];
            if (_missed.Count > 0 && _waiting.Count == 0)
            {
                missed = [.. _missed];
                _missed.Clear();
            }
            return new InboxEvents { Events = events, Missed = missed };
        }
    }

    /// <summary>Nothing was sent for a lease's time and nothing can be delivered: the front-end is gone.</summary>
    private void GiveUp()
    {
        lock (_lock)
        {
            _waiting.Clear();
            _missed.Clear();
            Stop();
        }
    }

    /// <summary>Under the lock.</summary>
    private void Stop()
    {
        _pumping = false;
        _drained?.SetResult();
        _drained = null;
    }

    private void Miss(string inbox)
    {
        metrics.EventDropped();
        if (_missed.Count < _maxMissed) _missed.Add(inbox);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Events for front-end {FrontEnd} could not be sent; it will read them from the log.")]
    private static partial void SendFailed(ILogger logger, Exception failure, string frontEnd);
}
