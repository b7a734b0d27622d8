namespace OrleansInbox.Client;

/// <summary>A notification for everybody of a tenant. The counts are of inboxes, up to 5 s behind and never above the truth.</summary>
public sealed record Announcement
{
    /// <summary>Its id, which is none of an inbox.</summary>
    public required string Id { get; init; }

    /// <summary>The server's date.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>From then on no inbox takes it in.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>Also for inboxes that begin after it.</summary>
    public required bool Newcomers { get; init; }

    /// <summary>What was announced.</summary>
    public required Notification Notification { get; init; }

    /// <summary>How many inboxes have taken it in.</summary>
    public long Delivered { get; init; }

    /// <summary>In how many it was seen.</summary>
    public long Seen { get; init; }

    /// <summary>In how many it was read.</summary>
    public long Read { get; init; }
}
