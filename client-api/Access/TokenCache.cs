using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace OrleansInbox.ClientApi.Access;

/// <summary>
/// Tokens that were validated a moment ago. At most two generations of <paramref name="capacity"/>: when the young one is full it becomes the old one,
/// and the old one is forgotten; what is still in use moves up when it is asked for.
/// </summary>
internal sealed class TokenCache(TimeProvider time, int capacity = 10_000)
{
    /// <summary>After this a token is validated again, so that a signing key that was withdrawn stops to count.</summary>
    private static readonly TimeSpan _longest = TimeSpan.FromMinutes(5);

    private ConcurrentDictionary<string, Entry> _young = new(StringComparer.Ordinal);
    private ConcurrentDictionary<string, Entry> _old = new(StringComparer.Ordinal);
    private int _count;

    public bool TryGet(string token, [NotNullWhen(true)] out Caller? caller)
    {
        caller = null;
        if (!_young.TryGetValue(token, out var entry))
        {
            if (!_old.TryGetValue(token, out entry)) return false;
            Keep(token, entry);
        }
        if (entry.Until <= time.GetUtcNow()) return false;
        caller = entry.Caller;
        return true;
    }

    public void Add(string token, Caller caller, DateTimeOffset expires)
    {
        var longest = time.GetUtcNow() + _longest;
        Keep(token, new(caller, expires < longest ? expires : longest));
    }

    private void Keep(string token, Entry entry)
    {
        _young[token] = entry;
        if (Interlocked.Increment(ref _count) < capacity) return;
        _count = 0; // two threads may both turn the page: that only forgets a little earlier
        _old = _young;
        _young = new(StringComparer.Ordinal);
    }

    private sealed record Entry(Caller Caller, DateTimeOffset Until);
}
