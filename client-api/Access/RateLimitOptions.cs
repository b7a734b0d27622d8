namespace OrleansInbox.ClientApi;

/// <summary>Section <c>RateLimit</c>, each 0 (off) to 1,000,000; a request above the rate is answered 429 with <c>Retry-After</c>.</summary>
public sealed record RateLimitOptions
{
    /// <summary>Requests per second of one API key, or of one token with the publishing scope.</summary>
    public int PublisherPerSecond { get; init; }

    /// <summary>How many may come at once after a pause; 0: as many as per second.</summary>
    public int PublisherBurst { get; init; }

    /// <summary>Requests per second of one user: more than a person with many tabs makes, and few enough that one user cannot keep the server busy.</summary>
    public int UserPerSecond { get; init; } = 50;

    /// <summary>Like <see cref="PublisherBurst"/>.</summary>
    public int UserBurst { get; init; } = 200;

    public static RateLimitOptions Read(SettingsReader settings)
    {
        var defaults = new RateLimitOptions();
        settings.OnlyKnown("RateLimit", nameof(PublisherPerSecond), nameof(PublisherBurst), nameof(UserPerSecond), nameof(UserBurst));
        return new()
        {
            PublisherPerSecond = Rate(nameof(PublisherPerSecond), defaults.PublisherPerSecond),
            PublisherBurst = Rate(nameof(PublisherBurst), defaults.PublisherBurst),
            UserPerSecond = Rate(nameof(UserPerSecond), defaults.UserPerSecond),
            UserBurst = Rate(nameof(UserBurst), defaults.UserBurst),
        };

        int Rate(string name, int otherwise) => settings.Number("RateLimit:" + name, otherwise, 0, 1_000_000);
    }
}
