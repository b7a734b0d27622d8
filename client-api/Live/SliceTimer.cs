namespace OrleansInbox.ClientApi.Live;

/// <summary>Visits the watched inboxes, one slice at each step and all of them within a round, so that work for many is spread out. Where nobody watches it takes the steps of about a second at once.</summary>
internal sealed class SliceTimer
{
    private static readonly TimeSpan _idle = TimeSpan.FromSeconds(1);

    private readonly WatchedInboxes _inboxes;
    private readonly TimeSpan _pace;
    private readonly Action<IEnumerable<WatchedInbox>> _visit;
    private readonly ITimer _timer;
    private int _stepsOfTick;
    private long _step;

    private SliceTimer(WatchedInboxes inboxes, TimeSpan round, TimeProvider time, Action<IEnumerable<WatchedInbox>> visit)
    {
        (_inboxes, _pace, _visit) = (inboxes, round / WatchedInboxes.Slices, visit);
        _timer = time.CreateTimer(static self => ((SliceTimer)self!).Tick(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        SetPeriod();
    }

    /// <returns>Disposed of, it stops.</returns>
    public static ITimer Start(WatchedInboxes inboxes, TimeSpan round, TimeProvider time, Action<IEnumerable<WatchedInbox>> visit) => new SliceTimer(inboxes, round, time, visit)._timer;

    private void Tick()
    {
        // An inbox that came since the last tick is not passed over: its first visit is within a round, too.
        var steps = _stepsOfTick;
        SetPeriod();
        for (; steps > 0; steps--) _visit(_inboxes.Slice(Interlocked.Increment(ref _step)));
    }

    private void SetPeriod()
    {
        var steps = _inboxes.IsEmpty ? Math.Max(1, (int)(_idle / _pace)) : 1;
        if (steps == _stepsOfTick) return;
        _stepsOfTick = steps;
        _timer.Change(steps * _pace, steps * _pace);
    }
}
