namespace OrleansInbox.Client;

/// <summary>Who did what a notification tells.</summary>
public sealed record Actor
{
    /// <summary>At most 255 characters.</summary>
    public string? Id { get; init; }

    /// <summary>At most 255 characters.</summary>
    public string? Name { get; init; }

    /// <summary>http, https or a path.</summary>
    public string? AvatarUrl { get; init; }
}
