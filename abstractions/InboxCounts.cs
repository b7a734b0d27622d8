namespace OrleansInbox;

/// <summary>Exact, never capped.</summary>
[GenerateSerializer, Immutable, Alias("counts")]
public sealed record InboxCounts
{
    /// <summary>Kept, not archived, not read.</summary>
    [Id(0)] public required long Unread { get; init; }

    /// <summary>Kept, not archived, not read, above the seen cursor.</summary>
    [Id(1)] public required long Unseen { get; init; }

    /// <summary>What is kept, archived included.</summary>
    [Id(2)] public required long Total { get; init; }

    /// <summary>The newest id ever assigned since the inbox's birth; null before.</summary>
    [Id(3)] public NotificationId? Head { get; init; }

    /// <summary>Grows with every change of what the marks or the retention floor show; with <see cref="Head"/> it names one view of the inbox.</summary>
    [Id(4)] public required long Version { get; init; }
}
