namespace OrleansInbox.ClientApi.Live;

/// <summary>Visits the watched inboxes, one slice at each tick and all of them within a round, so that work for many is spread out. Where nobody watches it ticks once a second.</summary>
internal sealed class SliceTimer
{
    private static readonly TimeSpan _idle = TimeSpan.FromSeconds(1);

    private readonly WatchedInboxes _inboxes;
    private readonly TimeSpan _pace;
    private readonly Action<IEnumerable<WatchedInbox>> _visit;
    private readonly ITimer _timer;
    private TimeSpan _period = Timeout.InfiniteTimeSpan;
    private long _ticks;

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
        SetPeriod();
        _visit(_inboxes.Slice(Interlocked.Increment(ref _ticks)));
    }

    private void SetPeriod()
    {
        var period = _inboxes.IsEmpty && _pace < _idle ? _idle : _pace;
        if (period == _period) return;
        _period = period;
        _timer.Change(period, period);
    }
}
