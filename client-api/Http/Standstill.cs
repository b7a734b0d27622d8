namespace OrleansInbox.ClientApi.Http;

/// <summary>
/// Notices that this process stood still: frozen, or starved of its processor. What waited in its sockets meanwhile is from callers that had their five seconds,
/// and may have asked another front-end since. A change of theirs, made now, could undo a later one.
/// </summary>
internal sealed class Standstill : IDisposable
{
    /// <summary>As long as a caller is promised an answer within, less the pace of the timer.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(4);

    private static readonly TimeSpan _pace = TimeSpan.FromSeconds(1);

    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private long _lastTick;
    private long _lastStandstill;

    public Standstill(TimeProvider time)
    {
        _time = time;
        _lastTick = time.GetTimestamp();
        _lastStandstill = _lastTick - time.TimestampFrequency * 60;
        _timer = time.CreateTimer(static self => ((Standstill)self!).Tick(), this, _pace, _pace);
    }

    /// <summary>Is over now, or has been for a few seconds: a process that wakes up on a busy machine takes that long to read all that waited.</summary>
    public bool IsRecent => _time.GetElapsedTime(Volatile.Read(ref _lastTick)) > Limit || _time.GetElapsedTime(Volatile.Read(ref _lastStandstill)) < Limit;

    public void Dispose() => _timer.Dispose();

    private void Tick()
    {
        if (_time.GetElapsedTime(_lastTick) > Limit) Volatile.Write(ref _lastStandstill, _time.GetTimestamp());
        Volatile.Write(ref _lastTick, _time.GetTimestamp());
    }
}
