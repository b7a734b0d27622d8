namespace OrleansInbox.Client;

/// <summary>A user and a topic.</summary>
public sealed record Subscription
{
    /// <summary>The user gets what is published to the topic.</summary>
    public required bool Subscribed { get; init; }

    /// <summary>The user may change that.</summary>
    public required bool Open { get; init; }
}
