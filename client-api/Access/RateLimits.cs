using System.Threading.RateLimiting;

namespace OrleansInbox.ClientApi.Access;

/// <summary>Token buckets for publishers and for users; no limit where no rate is set. The bucket of an idle caller is released.</summary>
public sealed class RateLimits : IDisposable
{
    private readonly PartitionedRateLimiter<Caller>? _publishers;
    private readonly PartitionedRateLimiter<Caller>? _users;

    public RateLimits(RateLimitOptions options)
    {
        _publishers = Limiter(options.PublisherPerSecond, options.PublisherBurst);
        _users = Limiter(options.UserPerSecond, options.UserBurst);
    }

    /// <returns>Null when the request is within the rate, else how long to wait.</returns>
    public TimeSpan? Refuse(Caller caller)
    {
        if ((caller.IsPublisher ? _publishers : _users) is not { } limiter) return null;
        using var lease = limiter.AttemptAcquire(caller);
        if (lease.IsAcquired) return null;
        return lease.TryGetMetadata(MetadataName.RetryAfter, out var wait) && wait > TimeSpan.FromSeconds(1) ? wait : TimeSpan.FromSeconds(1);
    }

    public void Dispose()
    {
        _publishers?.Dispose();
        _users?.Dispose();
    }

    private static PartitionedRateLimiter<Caller>? Limiter(int perSecond, int burst) => perSecond == 0 ? null :
        PartitionedRateLimiter.Create<Caller, string>(caller => RateLimitPartition.GetTokenBucketLimiter(caller.RateKey, _ => new()
        {
            TokenLimit = burst > 0 ? burst : perSecond,
            TokensPerPeriod = perSecond,
            ReplenishmentPeriod = TimeSpan.FromSeconds(1),
            QueueLimit = 0,
            AutoReplenishment = true,
        }));
}
