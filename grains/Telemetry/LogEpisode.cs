namespace OrleansInbox.Telemetry;

/// <summary>Limits what comes in storms to the first of each: the next one is logged when there was none for a minute.</summary>
public sealed class LogEpisode(TimeProvider time)
{
    private static readonly TimeSpan _quiet = TimeSpan.FromMinutes(1);
    private long _last = long.MinValue;

    /// <returns>True for the first one.</returns>
    public bool Begins()
    {
        var now = time.GetTimestamp();
        var last = Interlocked.Exchange(ref _last, now);
        return last == long.MinValue || time.GetElapsedTime(last, now) > _quiet;
    }
}
