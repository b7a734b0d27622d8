namespace OrleansInbox.Client;

/// <summary>What became of a publish: it has an <see cref="Id"/>, or is <see cref="Scheduled"/>, or <see cref="Muted"/>.</summary>
public sealed record PublishResult
{
    /// <summary>The notification is in the inbox, on disk, with this id.</summary>
    public string? Id { get; init; }

    /// <summary>The server's date, with <see cref="Id"/>.</summary>
    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>It comes later, and has this name until then: for <see cref="IInboxClient.CancelScheduledAsync"/>.</summary>
    public string? Scheduled { get; init; }

    /// <summary>By which of the user's preferences it is muted (<c>types</c>, <c>groups</c>, <c>topics</c>): nothing was stored.</summary>
    public string? Muted { get; init; }

    /// <summary>The idempotency key was known: this is the first answer, and nothing was added.</summary>
    public bool Replayed { get; init; }
}
