namespace OrleansInbox.Ingest;

/// <summary>What entries have come to.</summary>
/// <param name="Done">The ids of those that are in their inboxes.</param>
/// <param name="Refused">The ids of those that never will be, and why.</param>
internal sealed record IngestOutcome(IReadOnlyCollection<string> Done, IReadOnlyCollection<(string Id, string Reason)> Refused)
{
    public static readonly IngestOutcome None = new([], []);

    public bool IsEmpty => Done.Count == 0 && Refused.Count == 0;
}
