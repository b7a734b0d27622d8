using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace OrleansInbox.ClientApi.Access;

/// <summary>
/// A token bucket for each key, kept as one number: the instant at which it is full again (generic cell rate algorithm, ITU-T I.371). No timer refills anything:
/// the partitioned limiter of System.Threading.RateLimiting visits all its buckets ten times a second, also when nothing is asked.
/// </summary>
/// <param name="perSecond">At least 1.</param>
/// <param name="burst">Requests at once after a pause; at least 1.</param>
internal sealed class RateLimit(int perSecond, int burst, TimeProvider time)
{
    private readonly ConcurrentDictionary<string, StrongBox<long>> _fullAt = new(StringComparer.Ordinal);
    private readonly long _interval = time.TimestampFrequency / perSecond;
    private readonly long _tolerance = time.TimestampFrequency / perSecond * (burst - 1L);
    private int _sweepAt = 1_024;

    /// <summary>Buckets that are not full, and those that have become full since the last sweep.</summary>
    public int Count => _fullAt.Count;

    /// <returns>Null when the request is within the rate, and counts; else how long to wait.</returns>
    public TimeSpan? Refuse(string key)
    {
        var now = time.GetTimestamp();
        if (!_fullAt.TryGetValue(key, out var bucket))
        {
            if (_fullAt.Count >= _sweepAt) Sweep(now);
            bucket = _fullAt.GetOrAdd(key, static _ => new());
        }
        while (true)
        {
            var known = Volatile.Read(ref bucket.Value);
            var fullAt = Math.Max(known, now);
            if (fullAt - now > _tolerance) return time.GetElapsedTime(now, fullAt - _tolerance);
            if (Interlocked.CompareExchange(ref bucket.Value, fullAt + _interval, known) == known) return null;
        }
    }

    /// <summary>A full bucket is like one that is not there. At twice what is left the next one is due, so that a request pays for a few at most.</summary>
    private void Sweep(long now)
    {
        foreach (var entry in _fullAt)
            if (Volatile.Read(ref entry.Value.Value) <= now) _fullAt.TryRemove(entry);
        _sweepAt = Math.Max(1_024, _fullAt.Count * 2);
    }
}
