using System.Text.Json.Serialization;

namespace OrleansInbox.Client;

/// <summary>How far a job is.</summary>
public sealed record JobProgress
{
    /// <summary><c>running</c>, and <c>done</c> at the end.</summary>
    public required string State { get; init; }

    /// <summary>How many got it.</summary>
    public required long Reached { get; init; }

    /// <summary>How many have muted it.</summary>
    public required long Muted { get; init; }

    /// <summary>How many inboxes refused it.</summary>
    public required long Failed { get; init; }

    /// <summary>The number of subscribers when it was taken.</summary>
    public required long Of { get; init; }

    /// <summary>Nothing is left to do.</summary>
    [JsonIgnore]
    public bool IsDone => State == "done";
}
