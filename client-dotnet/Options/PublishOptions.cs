namespace OrleansInbox.Client;

/// <summary>How a notification is published.</summary>
public sealed record PublishOptions
{
    /// <summary>
    /// Names the publish, with 1 to 255 characters: the same key within 24 hours adds nothing and gives the first answer, so that the call may be repeated after an exception
    /// or a restart. Null: one is made up, which covers the client's own retries.
    /// </summary>
    public string? IdempotencyKey { get; init; }
}
