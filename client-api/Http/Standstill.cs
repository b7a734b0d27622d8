using Microsoft.AspNetCore.Connections.Features;

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

    /// <summary>So long after one each request is asked how long it has waited: a starved process may need more than <see cref="Limit"/> to read what was sent to it.</summary>
    private static readonly TimeSpan _suspicious = TimeSpan.FromMinutes(1);

    /// <summary>Then: little enough that the grain's own deadline, counted from now, ends before callers give up.</summary>
    private static readonly TimeSpan _maxWait = TimeSpan.FromSeconds(1);

    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private long _lastTick;
    private long _lastStandstill;

    public Standstill(TimeProvider time)
    {
        _time = time;
        _lastTick = time.GetTimestamp();
        _lastStandstill = _lastTick - time.TimestampFrequency * 2 * (long)_suspicious.TotalSeconds;
        _timer = time.CreateTimer(static self => ((Standstill)self!).Tick(), this, _pace, _pace);
    }

    /// <summary>The request may have waited for longer than its caller did.</summary>
    public bool MayHaveHeldUp(HttpContext http)
    {
        if (_time.GetElapsedTime(Volatile.Read(ref _lastTick)) > Limit) return true;
        var ago = _time.GetElapsedTime(Volatile.Read(ref _lastStandstill));
        return ago < Limit || ago < _suspicious && http.Features.Get<IConnectionSocketFeature>() is { } connection && SocketAge.SinceLastByte(connection.Socket) > _maxWait;
    }

    public void Dispose() => _timer.Dispose();

    private void Tick()
    {
        if (_time.GetElapsedTime(_lastTick) > Limit) Volatile.Write(ref _lastStandstill, _time.GetTimestamp());
        Volatile.Write(ref _lastTick, _time.GetTimestamp());
    }
}
