using Microsoft.Extensions.Logging;
using Orleans.Storage;
using OrleansInbox.Storage;

namespace OrleansInbox.Inboxes;

/// <summary>Changes of the marks as group commit; an erase is written alone.</summary>
internal sealed partial class MarkQueue(InboxSession inbox, Watchers watchers) : GroupCommit<MarkQueue.PendingChange>(_maxWaiting)
{
    private const int _maxWaiting = 1_000;
    private const int _maxConflicts = 5;

    /// <summary>A write of ours timed out and may have been applied: the next ETag conflict may be with ourselves.</summary>
    private bool _mayConflictWithOurselves;

    private InboxServices Services => inbox.Services;

    /// <summary>What a change makes of a state. It may be asked again, from another state.</summary>
    public delegate (InboxState Next, IReadOnlyList<MarkChange> Changes) Apply(InboxState state);

    /// <returns>The state after the change, which storage has accepted.</returns>
    /// <exception cref="TimeoutException">It came too late, and was not made.</exception>
    public Task<InboxState> Change(Apply apply, DateTimeOffset? deadline = null) => Add(new PendingChange(apply) { Deadline = deadline });

    /// <summary>Erases the log and every mark; the version goes on.</summary>
    public Task<InboxState> Erase(DateTimeOffset? deadline) =>
        Add(new PendingChange(static state => (state.Erased(), [])) { IsErase = true, Deadline = deadline });

    /// <summary>Likewise, and nothing of the inbox is left in storage; the version goes on as long as the activation lives, so that watchers see it grow.</summary>
    public Task<InboxState> Forget(DateTimeOffset? deadline) =>
        Add(new PendingChange(static state => (state.Forgotten(), [])) { IsErase = true, Forgets = true, Deadline = deadline });

    private Task<InboxState> Add(PendingChange change)
    {
        Enqueue(change);
        return change.Task;
    }

    protected override bool Fits(List<PendingChange> batch, PendingChange next) => !batch[0].IsErase && !next.IsErase;

    protected override async Task Write(List<PendingChange> batch)
    {
        for (var conflicts = 0; ; conflicts++)
        {
            try
            {
                await Attempt(batch);
                _mayConflictWithOurselves = false;
                return;
            }
            catch (LogConflictException) when (conflicts < _maxConflicts)
            {
                inbox.Invalidate(marksToo: true); // a new inbox began before the old one was forgotten: both are
            }
            catch (InconsistentStateException conflict)
            {
                MarksConflict(Services.Logger, Services.Conflicts.Begins() ? LogLevel.Information : LogLevel.Debug, inbox.Key, conflict.Message);
                inbox.Invalidate(marksToo: true);
                if (_mayConflictWithOurselves && conflicts < _maxConflicts) continue;
                // Another activation writes this inbox. A call that waited in a frozen silo must not be applied on top of what was answered since:
                // a caller that still waits for it sends it again.
                foreach (var pending in batch) pending.TrySetException(conflict);
                return;
            }
            catch (Exception failure)
            {
                _mayConflictWithOurselves = true;
                Services.Metrics.StorageFailed("marks");
                MarksFailed(Services.Logger, Services.Outage.ShouldLog() ? LogLevel.Warning : LogLevel.Debug, failure, inbox.Key);
                inbox.Invalidate(marksToo: true);
                var answer = InboxSession.Unavailable(failure);
                foreach (var pending in batch) pending.TrySetException(answer);
                return;
            }
        }
    }

    private async Task Attempt(List<PendingChange> batch)
    {
        var before = await inbox.Fenced(); // the marks say what is left out
        batch.RemoveAll(IsLate); // the last moment: what another activation writes from here on makes storage refuse this write
        if (batch.Count == 0) return;
        if (batch[0].Forgets)
        {
            var epoch = inbox.NextEpoch();
            await Services.Log.Forget(inbox.Key, epoch, Services.Options.Backup.KeepTombstones);
            inbox.Erased(epoch);
            await inbox.Marks.ReadStateAsync().WaitAsync(Services.Options.StorageTimeout, Services.Time); // there are none, and the next ones have no ETag to match
        }
        else if (batch[0].IsErase && before.Epoch != 0)
        {
            await Services.Log.Erase(inbox.Key, before.Epoch);
            inbox.Erased(before.Epoch);
        }
        var next = before;
        var changes = new List<MarkChange>();
        List<(PendingChange Change, Exception Why)>? refused = null;
        foreach (var pending in batch)
        {
            try
            {
                (next, var made) = pending.Apply(next);
                changes.AddRange(made);
            }
            catch (Exception invalid) when (invalid is ArgumentException or InvalidMarkException or UndoExpiredException or AlreadyActedException)
            {
                (refused ??= []).Add((pending, invalid));
            }
        }
        // Also when nothing changes here, or all is refused: another activation may have written since, and only storage can tell.
        if (before.Epoch != 0 || inbox.MarksAreBehind || !ReferenceEquals(next, before))
        {
            inbox.Marks.State = next.ToMarks();
            if (!batch[0].Forgets) await inbox.Marks.WriteStateAsync().WaitAsync(Services.Options.StorageTimeout, Services.Time);
            inbox.MarksWritten(before, next);
        }
        var now = await inbox.Loaded();
        foreach (var change in changes) watchers.Changed(now, change with { Counts = CountsAfter(change, changes[^1], now) });
        if (batch[0].IsErase) watchers.Notify(InboxEventKind.Reset);
        foreach (var (change, why) in refused ?? []) change.TrySetException(why);
        foreach (var pending in batch) pending.TrySetResult(now);
    }

    /// <summary>Those of the change, with what was appended while all of them were written.</summary>
    private static InboxCounts CountsAfter(MarkChange change, MarkChange last, InboxState now) => now.Counts with
    {
        Unread = now.Counts.Unread + change.Counts.Unread - last.Counts.Unread,
        Unseen = now.Counts.Unseen + change.Counts.Unseen - last.Counts.Unseen,
        Total = now.Counts.Total + change.Counts.Total - last.Counts.Total,
        Version = now.Version + change.Counts.Version - last.Counts.Version,
    };

    private bool IsLate(PendingChange change)
    {
        if (Services.Time.GetUtcNow() - change.Deadline is not { Ticks: > 0 } late) return false;
        ChangeCameLate(Services.Logger, Services.LateChanges.Begins() ? LogLevel.Warning : LogLevel.Debug, inbox.Key, late);
        change.TrySetException(new TimeoutException($"Not done: the request came {late.TotalSeconds:0.0} s after its sender had stopped waiting for it."));
        return true;
    }

    [LoggerMessage(Message = "Inbox {Inbox}: a change came {Late} after its sender had stopped waiting, and was not made. Was this process frozen, or do the clocks of the machines not agree? (More of them are logged as Debug.)")]
    private static partial void ChangeCameLate(ILogger logger, LogLevel level, string inbox, TimeSpan late);

    [LoggerMessage(Message = "Inbox {Inbox}: the marks were written by another activation and are read again ({Reason}). (More of them are logged as Debug.)")]
    private static partial void MarksConflict(ILogger logger, LogLevel level, string inbox, string reason);

    [LoggerMessage(Message = "Inbox {Inbox}: marks could not be written. (Further failures of the next seconds are logged as Debug.)")]
    private static partial void MarksFailed(ILogger logger, LogLevel level, Exception failure, string inbox);

    internal sealed class PendingChange(Apply apply) : TaskCompletionSource<InboxState>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public Apply Apply { get; } = apply;
        public bool IsErase { get; init; }
        public bool Forgets { get; init; }
        public DateTimeOffset? Deadline { get; init; }
    }
}
