namespace OrleansInbox.ClientApi;

/// <summary>Section <c>RateLimit</c>, each 0 (off) to 1,000,000; above the rate a request is answered 429 with <c>Retry-After</c>.</summary>
public sealed record RateLimitOptions
{
    /// <summary>Requests per second of one API key, or of one token with the publishing scope.</summary>
    public int PublisherPerSecond { get; init; }

    /// <summary>How many may come at once after a pause; 0: as many as per second.</summary>
    public int PublisherBurst { get; init; }

    /// <summary>Requests per second of one user.</summary>
    public int UserPerSecond { get; init; }
    public int UserBurst { get; init; }
}
