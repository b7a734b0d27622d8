namespace OrleansInbox.Client;

/// <summary>Something to choose: a button. The user's first choice stays.</summary>
public sealed record NotificationAction
{
    /// <summary>1 to 64 of <c>a-z 0-9 . _ -</c>, another one for each action of a notification.</summary>
    public required string Id { get; init; }

    /// <summary>1 to 40 characters.</summary>
    public required string Label { get; init; }

    /// <summary>Where it leads; null when it leads nowhere.</summary>
    public string? Url { get; init; }
}
