namespace OrleansInbox.Storage;

/// <summary>
/// The truth: one ordered log per inbox. Every call is one round trip. Writes are atomic (all entries of a batch or none) and durable when the task completes.
/// A log knows nothing of marks; it is safe for concurrent use, also by several processes.
/// </summary>
/// <remarks>
/// Every method throws <see cref="StorageUnavailableException"/> within <see cref="InboxOptions.StorageTimeout"/> when the backend is away or too slow.
/// Not <see cref="StorageUnavailableException.Uncertain"/>: nothing was stored and nothing will be (a write that is still under way when its time is up is
/// refused by the backend itself). Uncertain: it may have been stored; <see cref="Open"/> tells as soon as it answers.
/// </remarks>
public interface IInboxLog
{
    /// <summary>Where the inbox stands. Costs the same however many entries there are.</summary>
    /// <param name="inbox">The grain's key.</param>
    /// <param name="minCreatedAt">Entries created before are passed over for <see cref="LogPosition.First"/>.</param>
    Task<LogPosition> Open(string inbox, DateTimeOffset minCreatedAt);

    /// <summary>Appends after <see cref="LogBatch.Head"/>, and trims what lies below <see cref="LogBatch.TrimBefore"/> (in the backend's own steps).</summary>
    /// <returns>One outcome for each entry, in order.</returns>
    /// <exception cref="LogConflictException">The head of the log is not below what would be written, or belongs to a later epoch: somebody else wrote. Nothing was stored.</exception>
    Task<IReadOnlyList<LogOutcome>> Append(string inbox, LogBatch batch);

    /// <summary>Entries with <paramref name="from"/> ≤ seq ≤ <paramref name="to"/> of that epoch, oldest first or newest first, at most <paramref name="max"/>.</summary>
    Task<IReadOnlyList<LogEntry>> Read(string inbox, long epoch, long from, long to, int max, bool newestFirst);

    /// <summary>The first seq ≥ <paramref name="from"/> whose entry was created at or after <paramref name="minCreatedAt"/>; null when there is none. Costs O(log n).</summary>
    Task<LogFloor?> FirstSince(string inbox, long epoch, long from, DateTimeOffset minCreatedAt);

    /// <summary>The entries that expire next, soonest first.</summary>
    Task<IReadOnlyList<LogExpiry>> NextExpiries(string inbox, long epoch, int max);

    /// <summary>The entry that has the collapse key; null when none has.</summary>
    Task<long?> Find(string inbox, long epoch, string collapseKey);

    /// <summary>Removes entries for good. Those that are not there are passed over.</summary>
    Task Delete(string inbox, long epoch, IReadOnlyList<long> seqs);

    /// <summary>Removes every entry of this epoch and of those before; what still comes for them is refused. The epoch stays known, so that the next one is above it.</summary>
    Task Erase(string inbox, long epoch);

    /// <summary>
    /// Removes all that there is of the inbox, marks included, and soon its name. For <paramref name="keep"/> a tombstone without it stays, by which a restore
    /// passes the inbox over. What still comes for this epoch or those before is refused.
    /// </summary>
    /// <exception cref="LogConflictException">A later epoch has begun. Nothing was removed.</exception>
    Task Forget(string inbox, long epoch, TimeSpan keep);

    /// <summary>The seqs above <paramref name="head"/> up to <paramref name="to"/> are never assigned: they may have been, by a log that lost its end. Idempotent keys, marks and ids of what is there stay as they are.</summary>
    /// <exception cref="LogConflictException">The head is not <paramref name="head"/>. Nothing was done.</exception>
    Task Skip(string inbox, long epoch, long head, long to);

    /// <summary>What was read of this inbox is as safe as what a write has completed; with replicas that writes wait for, these have it.</summary>
    /// <exception cref="StorageUnavailableException">Uncertain: it may still be lost.</exception>
    Task Confirm(string inbox);

    /// <summary>Answers when the backend does; for health checks.</summary>
    Task Ping();

    /// <summary>Tries what a write needs, and changes nothing.</summary>
    /// <exception cref="StorageUnavailableException">Writes are refused: memory or disk is full, a read-only replica answers, the file was removed.</exception>
    Task ProbeWrite();
}

/// <summary>Where a log stands.</summary>
/// <param name="Epoch">The epoch of the entries; 0 when there never was one or it was erased.</param>
/// <param name="Head">The highest seq ever assigned in this epoch; 0 when there is none.</param>
/// <param name="First">The first entry that is there and young enough; null when there is none.</param>
/// <param name="FencedEpoch">The highest epoch that was ever used, erased ones included; a new epoch has to be above it.</param>
/// <param name="LastCreatedAt">Of the newest entry; null when there is none.</param>
/// <param name="Expiries">The entries that expire next, at most <see cref="MaxExpiries"/>, soonest first.</param>
public sealed record LogPosition(long Epoch, long Head, LogFloor? First, long FencedEpoch, DateTimeOffset? LastCreatedAt, IReadOnlyList<LogExpiry> Expiries)
{
    public const int MaxExpiries = 100;

    /// <summary>What <see cref="IInboxLog.Skip"/> passed over in this epoch.</summary>
    public SeqRanges Skipped { get; init; } = SeqRanges.Empty;

    /// <summary>The storage was set back, or may have been, after the head was written: seqs above it may have been assigned and lost.</summary>
    public bool TailMayBeLost { get; init; }
    public static readonly LogPosition None = new(0, 0, null, 0, null, []);
}

public readonly record struct LogFloor(long Seq, DateTimeOffset CreatedAt);

public readonly record struct LogExpiry(long Seq, DateTimeOffset At);

/// <summary>Appends that waited at the same time.</summary>
/// <param name="Epoch">Of the inbox.</param>
/// <param name="Head">What the writer holds to be the highest seq; the first new entry gets the next.</param>
/// <param name="TrimBefore">Entries with a lower seq are not needed any more.</param>
/// <param name="Writer">Names the activation, so that after an uncertain write it knows its own entries.</param>
/// <param name="Entries">At least one.</param>
/// <param name="LastCreatedAt">Of the entry at <paramref name="Head"/>; the default when that is not known.</param>
public sealed record LogBatch(long Epoch, long Head, long TrimBefore, string Writer, IReadOnlyList<NewLogEntry> Entries, DateTimeOffset LastCreatedAt = default);

/// <param name="Json">A JSON object without the id, on one line, UTF-8.</param>
/// <param name="CreatedAt">By which it ages; not before that of the entry before.</param>
/// <param name="IdempotencyKey">When known in this epoch, the entry is not written and takes no seq.</param>
/// <param name="ExpiresAt">For <see cref="IInboxLog.NextExpiries"/>; the log itself removes nothing at that time.</param>
/// <param name="KeyLife">How long the key is remembered; null: <see cref="InboxLimits.IdempotencyWindow"/>.</param>
/// <param name="KeyHash">Kept beside the key, and answered when the key comes again; without spaces.</param>
/// <param name="CollapseKey">The entry that has it expires: it is among <see cref="IInboxLog.NextExpiries"/> from then on.</param>
public sealed record NewLogEntry(
    byte[] Json, DateTimeOffset CreatedAt, string? IdempotencyKey = null, DateTimeOffset? ExpiresAt = null, TimeSpan? KeyLife = null, string? KeyHash = null, string? CollapseKey = null)
{
    /// <summary>Under this id it waits (<see cref="IWaitingStore"/>), and waits no more from then on; when it does not, it is not written and takes no seq. Or <see cref="Waiting.Unless"/>.</summary>
    public string? WaitingId { get; init; }

    /// <summary>They wait from then on, each with the entry's id as its JSON.</summary>
    public IReadOnlyList<NewCheck> Checks { get; init; } = [];
}

/// <summary>To be looked at later: <see cref="WaitingItem"/>.</summary>
public sealed record NewCheck(string Id, DateTimeOffset DueAt, string Options);

/// <param name="Seq">The entry's, or that of the first one with the same idempotency key.</param>
/// <param name="CreatedAt">Likewise.</param>
/// <param name="Replayed">The idempotency key was known; nothing was written for this entry.</param>
/// <param name="KeyHash">What was kept beside the key; null when nothing was.</param>
public readonly record struct LogOutcome(long Seq, DateTimeOffset CreatedAt, bool Replayed, string? KeyHash = null)
{
    /// <summary>The entry that had the collapse key; null when none had.</summary>
    public long? Replaced { get; init; }

    /// <summary>With <see cref="Replayed"/>: the idempotency key is that of a notification that was scheduled, under this id. There is no seq.</summary>
    public string? Scheduled { get; init; }

    /// <summary>It does not wait any more, so that nothing was written.</summary>
    public static readonly LogOutcome NotWaiting = new(0, default, Replayed: true);
}

/// <param name="Writer">Who wrote it.</param>
public sealed record LogEntry(long Seq, byte[] Json, string Writer);

/// <summary>Somebody else wrote to this log: forget what is in memory, and open it again. Nothing was stored.</summary>
public sealed class LogConflictException : Exception
{
    public LogConflictException() { }
    public LogConflictException(string message) : base(message) { }
    public LogConflictException(string message, Exception? innerException) : base(message, innerException) { }
}
