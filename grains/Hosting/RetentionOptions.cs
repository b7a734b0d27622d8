namespace OrleansInbox;

/// <summary>Section <c>Inbox:Retention</c>: how much of an inbox is kept. What exceeds either bound is dropped.</summary>
public sealed record RetentionOptions
{
    /// <summary>At most so many notifications, the newest (1–10,000,000).</summary>
    public int MaxCount { get; init; } = 600;

    /// <summary>None that is older (1 minute–10 years).</summary>
    public TimeSpan MaxAge { get; init; } = TimeSpan.FromDays(90);

    public static RetentionOptions Read(SettingsReader settings)
    {
        var defaults = new RetentionOptions();
        settings.OnlyKnown("Inbox:Retention", nameof(MaxCount), nameof(MaxAge));
        return new()
        {
            MaxCount = settings.Number("Inbox:Retention:MaxCount", defaults.MaxCount, 1, 10_000_000),
            MaxAge = settings.Time("Inbox:Retention:MaxAge", defaults.MaxAge, TimeSpan.FromMinutes(1), TimeSpan.FromDays(3_650)),
        };
    }
}
