namespace OrleansInbox.Telemetry;

/// <summary>Limits a warning that every caller would log at the same time to one in ten seconds.</summary>
public sealed class LogThrottle(TimeProvider time)
{
    private static readonly TimeSpan _between = TimeSpan.FromSeconds(10);
    private long _last = -1;

    /// <returns>True for one caller in ten seconds.</returns>
    public bool ShouldLog()
    {
        var last = Volatile.Read(ref _last);
        var now = time.GetTimestamp();
        return (last < 0 || time.GetElapsedTime(last, now) > _between) && Interlocked.CompareExchange(ref _last, now, last) == last;
    }
}
