using OrleansInbox.ClientApi.Access;

namespace OrleansInbox.Tests.ClientApi.Access;

public sealed class RateLimitTests
{
    private readonly FakeTime _time = new();

    [Fact]
    public void A_full_bucket_is_the_burst_and_fills_at_the_rate()
    {
        var limit = new RateLimit(perSecond: 2, burst: 5, _time);
        Assert.Equal(5, Accepted(limit, "ann"));
        Assert.Equal(TimeSpan.FromSeconds(0.5), limit.Refuse("ann"));
        _time.Advance(TimeSpan.FromSeconds(0.25));
        Assert.Equal(TimeSpan.FromSeconds(0.25), limit.Refuse("ann"));
        _time.Advance(TimeSpan.FromSeconds(0.25));
        Assert.Equal(1, Accepted(limit, "ann"));
        _time.Advance(TimeSpan.FromSeconds(1.5));
        Assert.Equal(3, Accepted(limit, "ann"));
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(5, Accepted(limit, "ann"));
        Assert.Equal(5, Accepted(limit, "bob"));
    }

    [Fact]
    public void Callers_at_the_same_time_share_the_bucket_exactly()
    {
        var limit = new RateLimit(perSecond: 1, burst: 1_000, _time);
        var accepted = 0;
        Parallel.For(0, 4_000, _ => { if (limit.Refuse("ann") is null) Interlocked.Increment(ref accepted); });
        Assert.Equal(1_000, accepted);
    }

    [Fact]
    public void Full_buckets_are_released_and_others_kept()
    {
        var limit = new RateLimit(perSecond: 1, burst: 2, _time);
        for (var i = 0; i < 5_000; i++)
        {
            Assert.Null(limit.Refuse($"user {i}"));
            _time.Advance(TimeSpan.FromMilliseconds(10)); // a hundred of them are not full
        }
        Assert.InRange(limit.Count, 100, 1_024);
        Assert.Equal(1, Accepted(limit, "user 4999"));
    }

    private static int Accepted(RateLimit limit, string key)
    {
        var accepted = 0;
        while (limit.Refuse(key) is null) accepted++;
        return accepted;
    }
}
