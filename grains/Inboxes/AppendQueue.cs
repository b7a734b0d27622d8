using System.Diagnostics;
using Microsoft.Extensions.Logging;
using OrleansInbox.Announcements;
using OrleansInbox.Storage;
using OrleansInbox.Telemetry;

namespace OrleansInbox.Inboxes;

/// <summary>Appends as group commit.</summary>
/// <param name="inbox">What is known of the inbox.</param>
/// <param name="marks">Are written before the next append, when the log has lost what they speak of.</param>
/// <param name="watchers">Are told.</param>
/// <param name="removeExpired">Removes entries of an epoch from marks and log.</param>
internal sealed partial class AppendQueue(InboxSession inbox, MarkQueue marks, Watchers watchers, Func<long, long[], Task> removeExpired) : GroupCommit<PendingAppend>(inbox.Services.Options.MaxWaitingAppends)
{
    private const int _maxBatch = 256;
    private const int _maxBatchBytes = 1024 * 1024;
    private const int _maxConflicts = 5;

    /// <summary>With a storage call's own limit it leaves the caller an answer within 5 seconds.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(4.2);

    /// <summary>No replica takes the place of a master that answered in less.</summary>
    private static readonly TimeSpan _takeover = TimeSpan.FromSeconds(2);

    private DateTimeOffset _lastShown;
    private DateTimeOffset _lastAging;
    private int _batchBytes;

    private InboxServices Services => inbox.Services;

    /// <param name="notification">It has passed the rules.</param>
    /// <param name="checks">They wait from then on.</param>
    public Task<Appended> Append(NewNotification notification, IReadOnlyList<NewCheck>? checks = null)
    {
        var (createdAt, aging) = Times();
        var json = NotificationJson.Render(notification, createdAt);
        var isPublishers = notification is { IdempotencyKey: not null, KeyIsForRetries: false }; // a front-end repeats its own key with the same notification only
        var entry = new NewLogEntry(json, aging, notification.IdempotencyKey, notification.ExpiresAt,
            notification.KeyIsForRetries ? InboxLimits.RetryWindow : null, isPublishers ? NotificationJson.Fingerprint(json, notification.DeliverAt) : null, notification.CollapseKey)
        { Checks = checks ?? [] };
        return Append(entry, createdAt, notification.TraceParent, notification.Mandatory);
    }

    /// <summary>Appends what waits.</summary>
    /// <returns>Without an id when it does not wait any more.</returns>
    public Task<Appended> Append(WaitingItem item, IReadOnlyList<NewCheck> checks, bool isMandatory)
    {
        var (createdAt, aging) = Times();
        var entry = new NewLogEntry(NotificationJson.Again(item.Json, createdAt, item.Kind == WaitingKind.Snoozed ? item.Id : null), aging, item.Kind == WaitingKind.Snoozed ? null : Waiting.KeyOf(item.Id),
            NotificationJson.ExpiresAtOf(item.Json), InboxLimits.DeliveredWindow, CollapseKey: NotificationJson.CollapseKeyOf(item.Json))
        { WaitingId = item.Id, Checks = checks };
        return Append(entry, createdAt, traceParent: null, isMandatory);
    }

    /// <summary>Appends what was announced, unless it was before.</summary>
    /// <returns>Likewise.</returns>
    public Task<Appended> Append(OpenAnnouncement announcement)
    {
        var (createdAt, aging) = Times();
        var entry = new NewLogEntry(NotificationJson.Again(announcement.Json, createdAt, snoozedFrom: null), aging, ExpiresAt: announcement.ExpiresAt, CollapseKey: announcement.CollapseKey)
        { WaitingId = Waiting.Unless(announcement.WaitingId), Checks = [new(announcement.WaitingId, announcement.RememberedUntil, "")] };
        return Append(entry, createdAt, traceParent: null, announcement.IsMandatory);
    }

    private Task<Appended> Append(NewLogEntry entry, DateTimeOffset createdAt, string? traceParent, bool isMandatory)
    {
        var pending = new PendingAppend(entry, createdAt, traceParent, Services.Time.GetTimestamp()) { IsMandatory = isMandatory };
        Enqueue(pending);
        (_lastShown, _lastAging) = (createdAt, entry.CreatedAt);
        return pending.Task;
    }

    /// <returns>The time of the next entry as it is shown; and as it ages: the log is searched by that one, so that it never goes back, also not from a date that was wrong.</returns>
    private (DateTimeOffset CreatedAt, DateTimeOffset Aging) Times()
    {
        var createdAt = Shown(Later(_lastShown, inbox.LastCreatedAt), Milliseconds(Services.Time.GetUtcNow()));
        return (createdAt, Later(Later(_lastAging, inbox.LastCreatedAt), createdAt));
    }

    protected override bool Fits(List<PendingAppend> batch, PendingAppend next)
    {
        if (batch.Count == 1) _batchBytes = batch[0].Entry.Json.Length;
        _batchBytes += next.Entry.Json.Length;
        return batch.Count < _maxBatch && _batchBytes <= _maxBatchBytes;
    }

    protected override async Task Write(List<PendingAppend> batch)
    {
        using var span = Trace(batch);
        var started = Services.Time.GetTimestamp();
        var attempt = new WriteAttempt();
        while (batch.Count > 0)
        {
            try
            {
                await Ready(started);
                if (attempt.Uncertain) batch = await FindOwn(batch, attempt);
                if (batch.Count > 0) await Accept(batch, await Store(batch, attempt), attempt.Epoch);
                return;
            }
            catch (LogConflictException conflict) when (++attempt.Conflicts <= _maxConflicts)
            {
                LogConflict(Services.Logger, Services.Conflicts.Begins() ? LogLevel.Information : LogLevel.Debug, inbox.Key, conflict.Message);
                inbox.Invalidate(marksToo: true); // the other writer may have written marks too
                if (!attempt.Uncertain) attempt.Epoch = 0; // nothing was stored; an inbox that was erased meanwhile begins another epoch
            }
            catch (StorageUnavailableException failure) when (failure.Uncertain && !attempt.Uncertain)
            {
                // The log says whether it was stored: read it before a caller is answered.
                Services.Metrics.StorageFailed("append");
                attempt.Uncertain = true;
                inbox.Invalidate(marksToo: false);
            }
            catch (Exception failure)
            {
                Fail(batch, failure, attempt.Uncertain);
                return;
            }
        }
    }

    /// <summary>Waits for the state, but not longer than callers are told to wait.</summary>
    private async Task Ready(long started)
    {
        if (inbox.State is not null && !inbox.MarksAreBehind && !inbox.MustSkip) return;
        var left = _patience - Services.Time.GetElapsedTime(started);
        if (left <= TimeSpan.Zero) throw new StorageUnavailableException("Storage was too slow.");
        try
        {
            await Load().WaitAsync(left, Services.Time);
        }
        catch (TimeoutException late)
        {
            throw new StorageUnavailableException("Storage was too slow.", late);
        }
    }

    private async Task Load()
    {
        await inbox.Loaded();
        if (inbox.MustSkip) await inbox.Skip();
        if (inbox.MarksAreBehind) await marks.Change(static state => (state, []));
    }

    private Task<IReadOnlyList<LogOutcome>> Store(List<PendingAppend> batch, WriteAttempt attempt)
    {
        var state = inbox.State!;
        if (attempt.Epoch == 0 || (state.Epoch != 0 && state.Epoch != attempt.Epoch))
        {
            attempt.Epoch = state.Epoch != 0 ? state.Epoch : inbox.NextEpoch();
            attempt.Head = state.Head;
        }
        var entries = new NewLogEntry[batch.Count];
        for (var i = 0; i < entries.Length; i++) entries[i] = batch[i].Entry;
        return Services.Log.Append(inbox.Key, new LogBatch(attempt.Epoch, state.Head, state.Floor, inbox.Writer, entries, inbox.LastCreatedAt));
    }

    private async ValueTask Accept(List<PendingAppend> batch, IReadOnlyList<LogOutcome> outcomes, long epoch)
    {
        var added = 0;
        long last = 0;
        List<long>? replaced = null;
        for (var i = 0; i < outcomes.Count; i++)
        {
            if (outcomes[i].Replayed) continue;
            added++;
            last = outcomes[i].Seq;
            Keep(batch[i], last);
            if (outcomes[i].Replaced is { } before) (replaced ??= []).Add(before);
        }
        if (added > 0) inbox.Appended(epoch, last, batch[^1].Entry.CreatedAt, replaced?.Count ?? 0);
        if (replaced is not null) await Remove(epoch, replaced);
        for (var i = 0; i < outcomes.Count; i++)
        {
            if (!outcomes[i].Replayed && replaced?.Contains(outcomes[i].Seq) is not true)
                watchers.Added(new(epoch, outcomes[i].Seq), batch[i].Entry.Json, batch[i].TraceParent, outcomes[i].Replaced, batch[i].IsMandatory);
            if (outcomes[i] is { Replayed: true, KeyHash: { } hash } && batch[i].Entry.KeyHash is { } own && own != hash)
                batch[i].SetException(new KeyReusedException(new NotificationId(epoch, outcomes[i].Seq), outcomes[i].Scheduled));
            else
                batch[i].SetResult(new Appended { Id = outcomes[i].Seq == 0 ? default : new(epoch, outcomes[i].Seq), CreatedAt = outcomes[i].Replayed ? outcomes[i].CreatedAt : batch[i].CreatedAt, Replayed = outcomes[i].Replayed, Scheduled = outcomes[i].Scheduled });
        }
        if (added > 0) Services.Metrics.Appended(added, Services.Time.GetElapsedTime(batch[0].Started));
    }

    private void Keep(PendingAppend pending, long seq)
    {
        inbox.Recent.Add(new StoredEntry(seq, pending.Entry.Json));
        if (pending.Entry.ExpiresAt is { } at) inbox.Expirations.Add(seq, at);
    }

    /// <summary>What has lost its collapse key has expired: nobody reads it any more, and it is removed before the new one is told of.</summary>
    private async Task Remove(long epoch, List<long> replaced)
    {
        foreach (var seq in replaced) inbox.Expirations.Add(seq, DateTimeOffset.FromUnixTimeMilliseconds(InboxLimits.Replaced));
        try
        {
            await removeExpired(epoch, [.. replaced]);
        }
        catch (Exception failure)
        {
            // The append is done, whatever becomes of this. The log has both the new one and that the old one has expired: whoever reads next removes it.
            NotRemovedYet(Services.Logger, Services.Outage.ShouldLog() ? LogLevel.Warning : LogLevel.Debug, failure, inbox.Key, replaced.Count);
        }
    }

    /// <summary>After an uncertain write: completes the appends that the log holds as ours.</summary>
    /// <returns>The others, which have to be written (again).</returns>
    private async Task<List<PendingAppend>> FindOwn(List<PendingAppend> batch, WriteAttempt attempt)
    {
        if (inbox.State is not { } state || state.Epoch != attempt.Epoch || state.Head <= attempt.Head) return batch;
        var read = Services.Time.GetTimestamp();
        var entries = await Services.Log.Read(inbox.Key, attempt.Epoch, attempt.Head + 1, state.Head, _maxBatch + _maxConflicts, newestFirst: false);
        var own = new Queue<LogEntry>(entries.Where(e => e.Writer == inbox.Writer));
        if (own.Count > 0)
        {
            await Services.Log.Confirm(inbox.Key); // Redis may have it, and its replicas not
            if (Services.Time.GetElapsedTime(read) > _takeover) throw new StorageUnavailableException("Another Redis may have been read than the one that confirmed it.") { Uncertain = true };
        }
        var left = new List<PendingAppend>();
        foreach (var pending in batch)
        {
            if (own.TryPeek(out var entry) && entry.Json.AsSpan().SequenceEqual(pending.Entry.Json))
            {
                own.Dequeue();
                var id = new NotificationId(attempt.Epoch, entry.Seq);
                Keep(pending, id.Seq);
                watchers.Added(id, pending.Entry.Json, pending.TraceParent, isMandatory: pending.IsMandatory);
                pending.SetResult(new Appended { Id = id, CreatedAt = pending.CreatedAt });
            }
            else
            {
                left.Add(pending); // not stored, or its key was known and it took no seq
            }
        }
        return left;
    }

    private void Fail(List<PendingAppend> batch, Exception failure, bool uncertain)
    {
        Services.Metrics.StorageFailed("append");
        AppendFailed(Services.Logger, Services.Outage.ShouldLog() ? LogLevel.Warning : LogLevel.Debug, failure, inbox.Key, batch.Count);
        uncertain |= failure is StorageUnavailableException { Uncertain: true };
        if (failure is not StorageUnavailableException) inbox.Invalidate(marksToo: false);
        var answer = new StorageUnavailableException(
            uncertain ? "Storage did not answer; whether the notification was stored is not known. Repeat the request with its Idempotency-Key: that never makes two."
                : "Storage is not available; nothing was stored. Repeat the request later.", failure)
        { Uncertain = uncertain };
        foreach (var pending in batch) pending.SetException(answer);
    }

    private static Activity? Trace(List<PendingAppend> batch)
    {
        if (!InboxMetrics.Source.HasListeners()) return null;
        ActivityContext.TryParse(batch[0].TraceParent, null, out var parent);
        return InboxMetrics.Source.StartActivity("inbox.append", ActivityKind.Internal, parent)?.SetTag("inbox.batch", batch.Count);
    }

    private static DateTimeOffset Later(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;

    /// <summary>Time does not go back within an inbox, unless it was far ahead: then a clock was wrong.</summary>
    private static DateTimeOffset Shown(DateTimeOffset last, DateTimeOffset now) => now > last || last - now > SteadyClock.Tolerance ? now : last;

    /// <summary>Whole ones, as they are stored.</summary>
    private static DateTimeOffset Milliseconds(DateTimeOffset time) => new(time.UtcTicks - (time.UtcTicks % TimeSpan.TicksPerMillisecond), TimeSpan.Zero);

    [LoggerMessage(Message = "Inbox {Inbox}: the log refused a write and is read again ({Reason}). (More of them are logged as Debug.)")]
    private static partial void LogConflict(ILogger logger, LogLevel level, string inbox, string reason);

    [LoggerMessage(Message = "Inbox {Inbox}: {Count} replaced notifications are removed when it is read next. (Further ones of the next seconds are logged as Debug.)")]
    private static partial void NotRemovedYet(ILogger logger, LogLevel level, Exception failure, string inbox, int count);

    [LoggerMessage(Message = "Inbox {Inbox}: {Count} appends failed. (Further failures of the next seconds are logged as Debug.)")]
    private static partial void AppendFailed(ILogger logger, LogLevel level, Exception failure, string inbox, int count);

    /// <summary>Where the first attempt began: our own entries, if they were stored, stand above it.</summary>
    private sealed class WriteAttempt
    {
        public long Epoch;
        public long Head;
        public int Conflicts;
        public bool Uncertain;
    }
}

/// <summary>An append that waits for storage. Completed in the grain's turn, where the runtime sends the answer at once: a continuation of its own would cost a turn for each.</summary>
internal sealed class PendingAppend(NewLogEntry entry, DateTimeOffset createdAt, string? traceParent, long started) : TaskCompletionSource<Appended>
{
    public NewLogEntry Entry { get; } = entry;

    /// <summary>As it is shown.</summary>
    public DateTimeOffset CreatedAt { get; } = createdAt;

    public string? TraceParent { get; } = traceParent;

    /// <summary>Has a sound in quiet hours too.</summary>
    public bool IsMandatory { get; init; }
    public long Started { get; } = started;
}
