namespace OrleansInbox.Telemetry;

/// <summary>What fails for everybody at once is worth one warning in ten seconds; the rest is for those who debug.</summary>
public sealed class LogThrottle(TimeProvider time)
{
    private static readonly TimeSpan _between = TimeSpan.FromSeconds(10);
    private long _last = -1;

    /// <returns>True when nobody has asked for a while.</returns>
    public bool ShouldLog()
    {
        var last = Volatile.Read(ref _last);
        var now = time.GetTimestamp();
        return (last < 0 || time.GetElapsedTime(last, now) > _between) && Interlocked.CompareExchange(ref _last, now, last) == last;
    }
}
