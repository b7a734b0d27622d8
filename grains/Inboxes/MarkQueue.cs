using Microsoft.Extensions.Logging;
using Orleans.Storage;

namespace OrleansInbox.Inboxes;

/// <summary>Changes of the marks, one write at a time: those that wait while a write is under way go together with the next one.</summary>
internal sealed partial class MarkQueue(LoadedInbox inbox, Watchers watchers)
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
    public Task<InboxState> Change(Apply apply) => Enqueue(new PendingChange(apply));

    /// <summary>Erases the log and every mark; the version goes on.</summary>
    public Task<InboxState> Erase() => Enqueue(new PendingChange(static state => (state.Erased(), [])) { IsErase = true });

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
                inbox.Forget(marksToo: true);
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
                MarksFailed(Services.Logger, failure, inbox.Key);
                inbox.Forget(marksToo: true);
                var answer = LoadedInbox.Unavailable(failure);
                foreach (var pending in batch) pending.TrySetException(answer);
                return;
            }
        }
    }

    private async Task Attempt(List<PendingChange> batch)
    {
        var before = await inbox.Loaded();
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
        if (batch[0].IsErase) watchers.Tell(InboxEventKind.Reset);
        foreach (var pending in batch) pending.TrySetResult(now);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Inbox {Inbox}: the marks were written by somebody else and are read anew ({Reason}).")]
    private static partial void MarksConflict(ILogger logger, string inbox, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Inbox {Inbox}: marks could not be written.")]
    private static partial void MarksFailed(ILogger logger, Exception failure, string inbox);

    private sealed class PendingChange(Apply apply) : TaskCompletionSource<InboxState>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public Apply Apply { get; } = apply;
        public bool IsErase { get; init; }
    }
}
