namespace OrleansInbox.Storage.Redis;

/// <summary>
/// What Redis' clock shows, known through its answers to TIME: the true instant lies between sending and receiving, so the middle is at most half a round trip off.
/// </summary>
internal sealed class RedisClock(TimeProvider time)
{
    private static readonly TimeSpan _fresh = TimeSpan.FromSeconds(30);

    /// <summary>For what the two clocks drift apart between two measurements.</summary>
    private static readonly TimeSpan _drift = TimeSpan.FromMilliseconds(100);

    private volatile Measurement? _last;

    /// <summary>Worth measuring again.</summary>
    public bool IsOld => _last is not { } last || time.GetElapsedTime(last.Received) > _fresh;

    /// <summary>Redis was restarted, replaced, or its clock was set.</summary>
    public void Invalidate() => _last = null;

    /// <param name="sent">Local time-stamp before the call that answered <paramref name="redis"/>.</param>
    /// <param name="redis">Redis' TIME.</param>
    public void Measured(long sent, DateTimeOffset redis)
    {
        var received = time.GetTimestamp();
        var error = time.GetElapsedTime(sent, received) / 2;
        if (!IsOld && _last is { } last && last.Error < error) return; // a slow answer tells less
        _last = new(received, redis + error, error);
    }

    /// <summary>
    /// The last moment, in Unix ms of Redis' clock, at which a write may be done whose caller gives up <paramref name="timeout"/> after <paramref name="start"/>:
    /// certainly before the caller does. Null when the clock was not measured yet.
    /// </summary>
    public long? NotAfter(long start, TimeSpan timeout) =>
        _last is { } last ? (last.Redis + time.GetElapsedTime(last.Received, start) + timeout - last.Error - _drift).ToUnixTimeMilliseconds() : null;

    private sealed record Measurement(long Received, DateTimeOffset Redis, TimeSpan Error);
}
