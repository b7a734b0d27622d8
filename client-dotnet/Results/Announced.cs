namespace OrleansInbox.Client;

/// <summary>The answer to an announcement.</summary>
public sealed record Announced
{
    /// <summary>Its id, which is none of an inbox.</summary>
    public required string Id { get; init; }

    /// <summary>The server's date.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The idempotency key was known: this is the first answer, and nothing was announced again.</summary>
    public bool Replayed { get; init; }
}
