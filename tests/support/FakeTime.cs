namespace OrleansInbox.Tests;

/// <summary>Time that passes when the test says so; what is due then happens in its order, on the test's thread.</summary>
internal sealed class FakeTime : TimeProvider
{
    private readonly Lock _lock = new();
    private readonly List<Timer> _timers = [];
    private readonly List<(TimeSpan Within, TaskCompletionSource Seen)> _awaited = [];
    private DateTimeOffset _now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;
    public override long GetTimestamp() => GetUtcNow().Ticks;

    public override DateTimeOffset GetUtcNow()
    {
        lock (_lock) return _now;
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    public void Advance(TimeSpan by)
    {
        var until = GetUtcNow() + by;
        while (NextUntil(until) is { } due) due();
        lock (_lock) _now = until;
    }

    /// <summary>Ends when somebody has set a one-time timer that is due within that time.</summary>
    public Task TimerWithin(TimeSpan within)
    {
        lock (_lock)
        {
            if (_timers.Any(t => t.IsOnce && t.Due - _now <= within)) return Task.CompletedTask;
            var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _awaited.Add((within, seen));
            return seen.Task;
        }
    }

    private Action? NextUntil(DateTimeOffset until)
    {
        lock (_lock)
        {
            if (_timers.Where(t => t.Due <= until).MinBy(t => t.Due) is not { } next) return null;
            if (next.Due > _now) _now = next.Due;
            if (next.IsOnce) _timers.Remove(next);
            else next.Due += next.Period;
            return next.Callback;
        }
    }

    private sealed class Timer(FakeTime time, Action callback) : ITimer
    {
        public Action Callback { get; } = callback;
        public DateTimeOffset Due { get; set; }
        public TimeSpan Period { get; private set; }
        public bool IsOnce => Period <= TimeSpan.Zero;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (time._lock)
            {
                time._timers.Remove(this);
                if (dueTime < TimeSpan.Zero) return true;
                (Due, Period) = (time._now + dueTime, period);
                time._timers.Add(this);
                if (!IsOnce) return true;
                foreach (var (within, seen) in time._awaited)
                    if (dueTime <= within) seen.TrySetResult();
                return true;
            }
        }

        public void Dispose()
        {
            lock (time._lock) time._timers.Remove(this);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
