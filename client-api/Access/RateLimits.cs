namespace OrleansInbox.ClientApi.Access;

/// <summary>Token buckets for publishers and for users; no limit where no rate is set.</summary>
public sealed class RateLimits(RateLimitOptions options, TimeProvider time)
{
    private static readonly TimeSpan _least = TimeSpan.FromSeconds(1); // Retry-After knows whole seconds

    private readonly RateLimit? _publishers = Limit(options.PublisherPerSecond, options.PublisherBurst, time);
    private readonly RateLimit? _users = Limit(options.UserPerSecond, options.UserBurst, time);

    /// <returns>Null when the request is within the rate, else how long to wait.</returns>
    public TimeSpan? Refuse(Caller caller) =>
        (caller.IsPublisher ? _publishers : _users)?.Refuse(caller.RateKey) is not { } wait ? null : wait < _least ? _least : wait;

    private static RateLimit? Limit(int perSecond, int burst, TimeProvider time) =>
        perSecond == 0 ? null : new(perSecond, burst > 0 ? burst : perSecond, time);
}
