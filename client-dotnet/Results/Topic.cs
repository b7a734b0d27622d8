namespace OrleansInbox.Client;

/// <summary>A name with subscribers.</summary>
public sealed record Topic
{
    /// <summary>Users may subscribe themselves.</summary>
    public required bool Open { get; init; }

    /// <summary>How many there are.</summary>
    public required long Subscribers { get; init; }
}
