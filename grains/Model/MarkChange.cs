namespace OrleansInbox;

/// <summary>One change of the marks, as a live client is told. Many changes may be written to storage at once; each has its own version.</summary>
public sealed record MarkChange
{
    /// <summary>What was marked; null when notifications were removed, or an action was chosen.</summary>
    public MarkAction? Action { get; init; }

    /// <summary>Everything up to here, for <c>upTo</c> and <c>all</c>; else <see cref="Seqs"/>.</summary>
    public NotificationId? UpTo { get; init; }

    public required long Epoch { get; init; }

    /// <summary>What really changed or was removed, ascending; empty with <see cref="UpTo"/>.</summary>
    public IReadOnlyList<long> Seqs { get; init; } = [];

    /// <summary>After the change; one above the one before.</summary>
    public required long MarksVersion { get; init; }

    /// <summary>After the change.</summary>
    public required InboxCounts Counts { get; init; }

    /// <summary>What was chosen, of the one in <see cref="Seqs"/>.</summary>
    public Acted? Acted { get; init; }

    public bool Removed => Action is null && Acted is null;
}
