namespace OrleansInbox.Storage;

/// <summary>
/// What a backup needs of storage. It goes past the grains: no inbox is activated for it. Safe to use while servers read and write; a method throws
/// <see cref="StorageUnavailableException"/> when storage is away.
/// </summary>
/// <remarks>
/// <see cref="Read"/> before <see cref="Keys"/>: an entry and its idempotency key are written together, so that the key of each entry that was read is found,
/// unless it has run out. Keys of later entries are found too; <see cref="RestoreKey"/> passes them over.
/// </remarks>
public interface IInboxArchive
{
    /// <summary>Names the storage in a backup.</summary>
    string Source { get; }

    /// <summary>How many inboxes there are, about; null when storage does not know.</summary>
    Task<long?> Count();

    /// <summary>The keys of the inboxes that are there from the beginning to the end. One may come twice.</summary>
    IAsyncEnumerable<string> Inboxes(CancellationToken cancelled);

    /// <returns>As it was at one moment between call and answer; null when there is none.</returns>
    Task<ArchivedInbox?> Read(string inbox);

    /// <summary>The idempotency keys that are remembered.</summary>
    IAsyncEnumerable<ArchivedKey> Keys(CancellationToken cancelled);

    /// <summary>Which topics are open, and who is subscribed.</summary>
    IAsyncEnumerable<ArchivedTopic> Topics(CancellationToken cancelled);

    /// <summary>Of all tenants.</summary>
    IAsyncEnumerable<ArchivedAnnouncements> Announcements(CancellationToken cancelled);

    /// <summary>Who was forgotten, as long as that is remembered.</summary>
    IAsyncEnumerable<Tombstone> Tombstones(CancellationToken cancelled);

    /// <summary>Atomic: all of the inbox or nothing. What comes after its head may have been assigned and lost, so those ids are left out (<see cref="LogPosition.TailMayBeLost"/>).</summary>
    Task<RestoreOutcome> Restore(ArchivedInbox inbox);

    /// <returns>False when the inbox is not there, or is another, or does not have the entry's id.</returns>
    Task<bool> RestoreKey(ArchivedKey key);

    /// <summary>Subscribes who is not there, but not who has left since or was forgotten since. Those whom a limit keeps out are passed over.</summary>
    /// <param name="topic">A part of one.</param>
    /// <param name="since">When the backup was made.</param>
    /// <returns>So many of them are subscribed.</returns>
    Task<int> RestoreTopic(ArchivedTopic topic, DateTimeOffset since);

    /// <returns>False, and nothing was done: the tenant has some.</returns>
    Task<bool> RestoreAnnouncements(ArchivedAnnouncements announcements);

    /// <summary>One that is there already and lasts longer stays.</summary>
    Task RestoreTombstone(Tombstone tombstone);
}

public enum RestoreOutcome
{
    Restored,

    /// <summary>Something of the inbox is there, also if it was erased. Nothing was done.</summary>
    IsThere,

    /// <summary>The person was forgotten in this epoch or a later one. Nothing was done.</summary>
    Forgotten,
}
