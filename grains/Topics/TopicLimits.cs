namespace OrleansInbox.Topics;

/// <summary>How much a topic holds, and for how long.</summary>
public sealed record TopicLimits
{
    /// <summary>Users that are added and removed in one call, and users whom a publish leaves out.</summary>
    public const int MaxUsers = 1_000;

    /// <summary>Of one topic; who comes then is refused.</summary>
    public int Subscribers { get; init; } = 100_000;

    /// <summary>Of one user; a further one is refused.</summary>
    public int Topics { get; init; } = 1_000;

    /// <summary>That wait in one topic; a further one is refused.</summary>
    public int Jobs { get; init; } = 1_000;

    /// <summary>Who have left a topic, the newest; those before are not known any more.</summary>
    public int Left { get; init; } = 100_000;

    /// <summary>How long it is known who has left.</summary>
    public TimeSpan KeepLeft { get; init; } = TimeSpan.FromDays(90);

    /// <summary>How long a job is known after its end.</summary>
    public TimeSpan KeepJobs { get; init; } = TimeSpan.FromDays(7);
}
