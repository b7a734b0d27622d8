namespace OrleansInbox.Storage;

/// <summary>
/// What waits in an inbox for its time: scheduled and snoozed notifications, checks of what is seen and read by then, and events for endpoints. A notification leaves in the append's own write (<see cref="NewLogEntry.WaitingId"/>), so that it comes
/// exactly once, and what was withdrawn never comes. Failures as in <see cref="IInboxLog"/>.
/// </summary>
/// <remarks>
/// An index says which inbox has something due. It is written before what it speaks of, so that a process that dies in between leaves a needless wake behind and never
/// loses a notification. It has parts, each with one reader in the cluster.
/// </remarks>
public interface IWaitingStore
{
    /// <summary>The parts of the index.</summary>
    int Parts { get; }

    /// <summary>Writes the index; before <see cref="Schedule"/> and <see cref="Snooze"/>.</summary>
    Task Announce(IReadOnlyList<DueItem> items);

    /// <summary>Keeps a notification until it is due; unless the idempotency key is known.</summary>
    /// <param name="inbox">The grain's key.</param>
    /// <param name="item">What waits.</param>
    /// <param name="idempotencyKey">Null: none.</param>
    /// <param name="keyHash">Kept beside the key.</param>
    /// <param name="keyLife">How long the key is remembered.</param>
    /// <exception cref="TooManyWaitingException">Nothing was stored.</exception>
    Task<ScheduleOutcome> Schedule(string inbox, WaitingItem item, string? idempotencyKey, string? keyHash, TimeSpan keyLife);

    /// <summary>Keeps the entries until then, each under its id; in the log they expire at once, as <see cref="InboxLimits.Replaced"/>.</summary>
    /// <returns>Those that were there.</returns>
    /// <exception cref="TooManyWaitingException">Nothing was changed.</exception>
    Task<IReadOnlyList<long>> Snooze(string inbox, long epoch, IReadOnlyList<long> seqs, DateTimeOffset until);

    /// <summary>It never comes, when it has not come yet. Idempotent.</summary>
    /// <returns>Where it is, when it has come.</returns>
    Task<NotificationId?> Withdraw(string inbox, string id);

    /// <summary>Likewise, all that has the collapse key.</summary>
    Task WithdrawKey(string inbox, string collapseKey);

    /// <summary>Those of the ids that wait.</summary>
    Task<IReadOnlyList<WaitingItem>> Read(string inbox, IReadOnlyList<string> ids);

    /// <summary>Those of a kind; soonest first, and by id.</summary>
    Task<IReadOnlyList<WaitingItem>> List(string inbox, WaitingKind kind, WaitingPlace after, int max);

    /// <summary>Others wait in the place of these.</summary>
    /// <returns>False when one of these does not wait any more: nothing was changed.</returns>
    Task<bool> Replace(string inbox, IReadOnlyList<string> ids, IReadOnlyList<WaitingItem> by);

    /// <summary>What a part of the index has until <paramref name="now"/>.</summary>
    Task<IReadOnlyList<DueItem>> Due(int part, DateTimeOffset now, int max);

    /// <summary>They leave the index.</summary>
    Task Settle(IReadOnlyList<DueItem> items);

    /// <summary>They are due again then, as far as the index goes.</summary>
    Task Postpone(IReadOnlyList<DueItem> items, DateTimeOffset until);
}

/// <param name="DueAt">To the millisecond.</param>
public readonly record struct DueItem(string Inbox, string Id, DateTimeOffset DueAt);

/// <summary>The idempotency key was known, when one of these is not null; else it is scheduled.</summary>
/// <param name="KnownScheduled">What the key was used for: a scheduled notification …</param>
/// <param name="KnownPublished">… or one that was published at once.</param>
/// <param name="KeyHash">What was kept beside the key; null when nothing was.</param>
public readonly record struct ScheduleOutcome(string? KnownScheduled = null, NotificationId? KnownPublished = null, string? KeyHash = null);
