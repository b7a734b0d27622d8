namespace OrleansInbox.Client;

/// <summary>Exact, never capped.</summary>
public sealed record InboxCounts
{
    /// <summary>Neither read nor archived.</summary>
    public required long Unread { get; init; }

    /// <summary>Neither read nor archived nor seen: the badge.</summary>
    public required long Unseen { get; init; }

    /// <summary>All that is kept, archived included.</summary>
    public required long Total { get; init; }

    /// <summary>The newest id ever assigned; null before.</summary>
    public string? Head { get; init; }

    /// <summary>Grows with each change of marks. Equal <see cref="Head"/> and version mean an equal inbox.</summary>
    public required long Version { get; init; }
}
