namespace OrleansInbox;

/// <summary>Section <c>Inbox</c> of the configuration.</summary>
public sealed record InboxOptions
{
    /// <summary>Where the SQLite file lives when no Redis is configured; also the development credentials. Made when missing.</summary>
    public string DataPath { get; init; } = "data";

    public RetentionOptions Retention { get; init; } = new();

    /// <summary>A storage call that takes longer has failed (1–4 s: the answer to the caller stays within 5 s).</summary>
    public TimeSpan StorageTimeout { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>SQLite's <c>synchronous</c>: <c>FULL</c> loses nothing at a power cut, <c>NORMAL</c> the last moments.</summary>
    public string SqliteSynchronous { get; init; } = "FULL";

    /// <summary>Appends that may wait in one inbox; above it the publisher is told to come back later (1–100,000).</summary>
    public int MaxWaitingAppends { get; init; } = 10_000;

    /// <summary>An inbox that nobody calls or watches leaves memory after this (1 min–1 day).</summary>
    public TimeSpan IdleAfter { get; init; } = TimeSpan.FromMinutes(10);
}

public sealed record RetentionOptions
{
    /// <summary>The newest so many are kept (1–10,000,000).</summary>
    public int MaxCount { get; init; } = 600;

    /// <summary>Older ones are gone (1 minute–10 years).</summary>
    public TimeSpan MaxAge { get; init; } = TimeSpan.FromDays(90);
}
