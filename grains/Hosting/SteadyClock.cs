using Microsoft.Extensions.Logging;

namespace OrleansInbox;

/// <summary>
/// The clock by which something is dropped for good: what is too old, what has expired. It shows the system's date, but a leap ahead of the time that has really
/// passed counts only once it has lasted for an hour, because what a wrong clock drops does not come back.
/// </summary>
public sealed partial class SteadyClock : IDisposable
{
    /// <summary>Smaller steps are corrections.</summary>
    public static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(1);

    /// <summary>A machine that slept leaps too.</summary>
    public static readonly TimeSpan TrustedAfter = TimeSpan.FromHours(1);

    private static readonly TimeSpan _checkEvery = TimeSpan.FromSeconds(30);

    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ITimer _check;
    private volatile Reading _last;

    public SteadyClock(TimeProvider time, ILogger<SteadyClock> logger)
    {
        (_time, _logger) = (time, logger);
        _last = new(time.GetUtcNow(), time.GetTimestamp(), LeaptAt: null);
        _check = time.CreateTimer(_ => Check(), null, _checkEvery, _checkEvery);
    }

    public DateTimeOffset Now => At(_time.GetUtcNow());

    /// <param name="system">What the system's clock shows now.</param>
    public DateTimeOffset At(DateTimeOffset system)
    {
        var last = _last;
        if (last.LeaptAt is null && IsSmall(system - Expected(last))) return system;
        return Check();
    }

    /// <summary>Another clock, or a trace that one left: when the system's is much later, it is doubted as after a leap. For the start, when no earlier date is known.</summary>
    /// <param name="other">What it shows.</param>
    /// <param name="tolerance">How much the system's may be later.</param>
    public void Compare(DateTimeOffset other, TimeSpan tolerance)
    {
        lock (_lock)
            if (_last.LeaptAt is null && _time.GetUtcNow() - other > tolerance) _last = new(other, _time.GetTimestamp(), LeaptAt: null);
        Check();
    }

    public void Dispose() => _check.Dispose();

    private DateTimeOffset Check()
    {
        lock (_lock)
        {
            var (system, now, last, expected) = (_time.GetUtcNow(), _time.GetTimestamp(), _last, Expected(_last));
            if (IsSmall(system - expected) || system < expected)
            {
                if (!IsSmall(system - expected)) ClockWasSetBack(expected - system); // drops nothing
                _last = new(system, now, LeaptAt: null);
                return system;
            }
            if (last.LeaptAt is null) ClockLeapt(system - expected);
            var leaptAt = last.LeaptAt ?? now;
            if (_time.GetElapsedTime(leaptAt, now) >= TrustedAfter)
            {
                _last = new(system, now, LeaptAt: null);
                return system;
            }
            _last = new(expected, now, leaptAt);
            return expected;
        }
    }

    private DateTimeOffset Expected(Reading last) => last.Date + _time.GetElapsedTime(last.Timestamp);

    private static bool IsSmall(TimeSpan step) => step.Duration() <= Tolerance;

    [LoggerMessage(Level = LogLevel.Warning, Message = "The system's clock leapt ahead by {Step} (at the start: since storage was last written, or compared with Redis). Until that has lasted for an hour, nothing is dropped for its age and nothing expires by it.")]
    private partial void ClockLeapt(TimeSpan step);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The system's clock was set back by {Step}.")]
    private partial void ClockWasSetBack(TimeSpan step);

    /// <param name="Date">What is held to be right.</param>
    /// <param name="Timestamp">When it was.</param>
    /// <param name="LeaptAt">Since when the system's clock shows something much later; null: it does not.</param>
    private sealed record Reading(DateTimeOffset Date, long Timestamp, long? LeaptAt);
}
