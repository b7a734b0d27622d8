using Microsoft.Extensions.Logging;
using Orleans.Storage;

namespace OrleansInbox.Inboxes;

/// <summary>Changes of the marks, one write at a time: those that wait while a write is under way go together with the next one.</summary>
internal sealed partial class MarkQueue(InboxSession inbox, Watchers watchers)
{
    private const int _maxWaiting = 1_000;
    private const int _maxConflicts = 5;

    private Queue<PendingChange>? _waiting;
    private bool _writing;

    /// <summary>A write of ours was not answered: what stands there now may be it.</summary>
    private bool _mayBeOurs;

    private InboxServices Services => inbox.Services;

    /// <summary>What a change makes of a state. It may be asked again, from another state.</summary>
    public delegate (InboxState Next, IReadOnlyList<MarkChange> Changes) Apply(InboxState state);

    /// <returns>The state after the change, which storage has accepted.</returns>
    /// <exception cref="TimeoutException">It came too late, and was not made.</exception>
    public Task<InboxState> Change(Apply apply, DateTimeOffset? deadline = null) => Enqueue(new PendingChange(apply) { Deadline = deadline });

    /// <summary>Erases the log and every mark; the version goes on.</summary>
    public Task<InboxState> Erase(DateTimeOffset? deadline) =>
        Enqueue(new PendingChange(static state => (state.Erased(), [])) { IsErase = true, Deadline = deadline });

    private Task<InboxState> Enqueue(PendingChange change)
    {
        if (_waiting?.Count >= _maxWaiting)
            throw new StorageUnavailableException($"{_waiting.Count} marks wait for this inbox already; come back later. Nothing was stored.");
        (_waiting ??= new(1)).Enqueue(change);
        if (!_writing) _ = WriteAll();
        return change.Task;
    }

    private async Task WriteAll()
    {
        _writing = true;
        try
        {
            while (_waiting!.Count > 0) await Write(TakeBatch());
        }
        finally
        {
            _writing = false;
        }
    }

    /// <summary>All that wait, but an erase alone.</summary>
    private List<PendingChange> TakeBatch()
    {
        List<PendingChange> batch = [_waiting!.Dequeue()];
        while (!batch[0].IsErase && _waiting.TryPeek(out var next) && !next.IsErase) batch.Add(_waiting.Dequeue());
        return batch;
    }

    /// <summary>Completes every change of the batch, one way or the other; never throws.</summary>
    private async Task Write(List<PendingChange> batch)
    {
        for (var conflicts = 0; ; conflicts++)
        {
            try
            {
                await Attempt(batch);
                _mayBeOurs = false;
                return;
            }
            catch (InconsistentStateException conflict)
            {
                MarksConflict(Services.Logger, inbox.Key, conflict.Message);
                inbox.Invalidate(marksToo: true);
                if (_mayBeOurs && conflicts < _maxConflicts) continue;
                // Somebody else writes this inbox. A call that a silo held while it was frozen must not be applied on top of what was answered since:
                // whoever still waits for this one asks again.
                foreach (var pending in batch) pending.TrySetException(conflict);
                return;
            }
            catch (Exception failure)
            {
                _mayBeOurs = true;
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
        var before = await inbox.Loaded();
        batch.RemoveAll(IsLate); // now: whatever else is written from here on, storage refuses this
        if (batch.Count == 0) return;
        if (batch[0].IsErase && before.Epoch != 0)
        {
            await Services.Log.Erase(inbox.Key, before.Epoch);
            inbox.Erased(before.Epoch);
        }
        var next = before;
        var changes = new List<MarkChange>();
        foreach (var pending in batch)
        {
            try
            {
                (next, var made) = pending.Apply(next);
                changes.AddRange(made);
            }
            catch (ArgumentException invalid)
            {
                pending.TrySetException(invalid);
            }
        }
        // Also when nothing changes: to an activation that wrote since it may be a change, and only storage can tell.
        if (before.Epoch != 0 || inbox.MarksAreBehind || !ReferenceEquals(next, before))
        {
            inbox.Marks.State = next.ToMarks();
            await inbox.Marks.WriteStateAsync().WaitAsync(Services.Options.StorageTimeout, Services.Time);
            inbox.MarksWritten(before, next);
        }
        var now = await inbox.Loaded();
        foreach (var change in changes) watchers.Changed(now, change);
        if (batch[0].IsErase) watchers.Notify(InboxEventKind.Reset);
        foreach (var pending in batch) pending.TrySetResult(now);
    }

    private bool IsLate(PendingChange change)
    {
        if (Services.Time.GetUtcNow() - change.Deadline is not { Ticks: > 0 } late) return false;
        ChangeCameLate(Services.Logger, inbox.Key, late);
        change.TrySetException(new TimeoutException($"Not done: the request came {late.TotalSeconds:0.0} s after its sender had stopped waiting for it."));
        return true;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Inbox {Inbox}: a change came {Late} after its sender had stopped waiting, and was not made. If there are many: do the clocks of the machines agree?")]
    private static partial void ChangeCameLate(ILogger logger, string inbox, TimeSpan late);

    [LoggerMessage(Level = LogLevel.Information, Message = "Inbox {Inbox}: the marks were written by somebody else and are read anew ({Reason}).")]
    private static partial void MarksConflict(ILogger logger, string inbox, string reason);

    [LoggerMessage(Message = "Inbox {Inbox}: marks could not be written. (Further failures of the next seconds are logged as Debug.)")]
    private static partial void MarksFailed(ILogger logger, LogLevel level, Exception failure, string inbox);

    private sealed class PendingChange(Apply apply) : TaskCompletionSource<InboxState>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public Apply Apply { get; } = apply;
        public bool IsErase { get; init; }
        public DateTimeOffset? Deadline { get; init; }
    }
}
