namespace OrleansInbox.Client;

/// <summary>What became of a publish to one of many: as <see cref="PublishResult"/>, or a <see cref="Problem"/>.</summary>
public sealed record RecipientResult
{
    /// <summary>Whose inbox.</summary>
    public required string User { get; init; }

    /// <summary>The notification is in the inbox, on disk, with this id.</summary>
    public string? Id { get; init; }

    /// <summary>It comes later, and has this name until then.</summary>
    public string? Scheduled { get; init; }

    /// <summary>By which of the user's preferences it is muted: nothing was stored.</summary>
    public string? Muted { get; init; }

    /// <summary>The idempotency key was known: nothing was added.</summary>
    public bool Replayed { get; init; }

    /// <summary>Why this inbox has it not. The same call with the same idempotency key tries those that failed again.</summary>
    public InboxProblem? Problem { get; init; }
}
