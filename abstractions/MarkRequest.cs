namespace OrleansInbox;

[GenerateSerializer, Alias("mark-action")]
public enum MarkAction
{
    Read,
    Unread,
    Archive,
    Unarchive,
    Seen,

    /// <summary>Removes the notifications; no mark, but named and answered like one.</summary>
    Delete,
}

/// <summary>Exactly one of <see cref="UpTo"/>, <see cref="Ids"/>, <see cref="All"/>, <see cref="Group"/> and <see cref="CollapseKey"/> is given.</summary>
[GenerateSerializer, Immutable, Alias("mark")]
public sealed record MarkRequest
{
    public const int MaxIds = 1_000;

    [Id(0)] public required MarkAction Action { get; init; }
    [Id(1)] public NotificationId? UpTo { get; init; }
    [Id(2)] public NotificationId[]? Ids { get; init; }
    [Id(3)] public bool All { get; init; }
    [Id(4)] public string? Group { get; init; }

    /// <summary>With <see cref="UpTo"/> or <see cref="All"/>: only notifications of these types; null for any.</summary>
    [Id(5)] public string[]? Types { get; init; }

    /// <summary>By which <see cref="IInboxGrain.Undo"/> takes the mark back: 1 to 32 characters of base64url that no other mark has; null for none. Not for <see cref="MarkAction.Delete"/>.</summary>
    [Id(6)] public string? Undo { get; init; }

    /// <summary>The notification that has it.</summary>
    [Id(7)] public string? CollapseKey { get; init; }

    /// <summary>Which are meant depends on what the notifications say, so that entries have to be read.</summary>
    public bool IsByContent => Group is not null || Types is not null;
}
