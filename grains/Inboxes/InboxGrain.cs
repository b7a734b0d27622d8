using System.Buffers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Concurrency;
using Orleans.Runtime;
using Orleans.Storage;
using OrleansInbox.Storage;

namespace OrleansInbox.Inboxes;

/// <summary>
/// One user's inbox: hands each call to the session (<see cref="InboxSession"/>), appends and marks as group commits, pages, watchers. Reentrant, so that
/// appends gather while one is written; still single-threaded.
/// </summary>
[Reentrant, GrainType("inbox")]
public sealed partial class InboxGrain : Grain, IInboxGrain
{
    private const int _exportedAtOnce = 100;
    private const string _marksName = "marks";
    private static readonly TimeSpan _drain = TimeSpan.FromSeconds(1);

    private readonly InboxServices _services;
    private readonly InboxSession _inbox;
    private readonly Watchers _watchers;
    private readonly MarkQueue _marks;
    private readonly AppendQueue _appends;
    private readonly PageReader _pages;
    private readonly WaitingNotifications _waiting;
    private readonly InboxChecks _checks;
    private readonly InboxAnnouncements _announcements;

    /// <summary>By others than jobs of topics, since it was activated.</summary>
    private bool _isUsed;

    public InboxGrain([PersistentState(_marksName, InboxLimits.StateProvider)] IPersistentState<InboxMarks> marks, InboxServices services)
    {
        _services = services;
        var key = this.GetPrimaryKeyString();
        _inbox = new InboxSession(key, marks, services) { Expirations = new Expirations(key, services, StartTimer, async () => await CurrentState()) };
        _watchers = new Watchers(_inbox);
        _marks = new MarkQueue(_inbox, _watchers);
        _appends = new AppendQueue(_inbox, _marks, _watchers, RemoveExpired);
        _pages = new PageReader(_inbox, new LostEntries(_inbox, _marks));
        _checks = new InboxChecks(key, services, _pages, CurrentState, StoredState);
        _waiting = new WaitingNotifications(key, services, _appends, _checks);
        _announcements = new InboxAnnouncements(key, services, _appends, Remove, () => _inbox.Invalidate(marksToo: true));
    }

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _inbox.Loaded();
        }
        catch (Exception failure)
        {
            var isUsual = failure is StorageUnavailableException;
            ActivationFailed(_services.Logger, !isUsual || _services.Outage.ShouldLog() ? LogLevel.Warning : LogLevel.Debug, failure, _inbox.Key);
            throw;
        }
        _services.Metrics.Activations(+1);
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        _services.Metrics.Activations(-1);
        _announcements.End();
        _watchers.Notify(InboxEventKind.Moved);
        // A silo that shuts down must not end before its watchers know that they have to watch elsewhere.
        await _watchers.Drained().WaitAsync(_drain, _services.Time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
    }

    public Task<Appended> Append(NewNotification notification)
    {
        if (notification.Topic is not null && !_isUsed) return AppendAndLeave(notification);
        _isUsed = true;
        return AppendNow(notification);
    }

    /// <summary>Jobs of topics go to many inboxes that nobody looks at.</summary>
    private async Task<Appended> AppendAndLeave(NewNotification notification)
    {
        var appended = await AppendNow(notification);
        if (!_isUsed) DeactivateOnIdle();
        return appended;
    }

    private Task<Appended> AppendNow(NewNotification notification)
    {
        var now = _services.Time.GetUtcNow();
        if (NotificationRules.Check(notification, now) is { } errors)
            throw new InvalidNotificationException(errors);
        if (_inbox.Marks.State.Preferences.Length > 0)
        {
            if (_inbox.State is not { } state) return AppendWhenLoaded(notification);
            if (!notification.Mandatory && !(notification.DeliverAt > now) && state.Preferences?.Mutes(notification.Type, notification.Group, notification.Topic) is { } by)
                return Task.FromResult(new Appended { Id = default, CreatedAt = now, Muted = by });
        }
        if (notification.DeliverAt > now) return _waiting.Schedule(notification, now);
        return notification is { Fallback: null, Receipt: false } ? _appends.Append(notification) : AppendWithChecks(notification);
    }

    private async Task<Appended> AppendWithChecks(NewNotification notification) => await _appends.Append(notification, await _checks.Begin(PublishOptions.Of(notification)));

    private async Task<Appended> AppendWhenLoaded(NewNotification notification)
    {
        await _inbox.Loaded();
        return await AppendNow(notification);
    }

    public async Task<InboxPage> List(ListQuery query, CancellationToken cancelled) => await _pages.List(await CurrentStateSeen(query.After ?? default), query, cancelled);

    public async Task<InboxItem> Get(NotificationId id) => await Item(await CurrentState(id), id);

    public async Task<InboxCounts> Counts() => (await CurrentState()).Counts;

    public async Task<InboxCounts> CountsOf(string[] types, CancellationToken cancelled) => await _pages.CountsOf(await CurrentState(), types, cancelled);

    public async Task<InboxCounts> Mark(MarkRequest request, DateTimeOffset? deadline, CancellationToken cancelled)
    {
        var state = await CurrentState(request.Ids is { Length: > 0 } ids ? ids.Max() : request.UpTo ?? default);
        if (request.CollapseKey is { } key) return await Mark(request, state, await Find(state, key) is { } seq ? [seq] : [], deadline);
        return request.IsByContent ? await _pages.Mark(request, (now, seqs) => Mark(request, now, seqs, deadline), cancelled) : await Mark(request, state, null, deadline);
    }

    private async Task<InboxCounts> Mark(MarkRequest request, InboxState state, IReadOnlyList<long>? seqs, DateTimeOffset? deadline)
    {
        IReadOnlyList<MarkChange> changes = [];
        var after = await _marks.Change(s =>
        {
            var made = s.Epoch == state.Epoch || seqs is null ? s.Apply(request, seqs, _services.Clock.Now) : (s, []);
            changes = made.Changes;
            return made;
        }, deadline);
        if (request.Action == MarkAction.Delete) await RemoveFromLog(changes);
        MarksChanged(after, request.Action == MarkAction.Read);
        return after.Counts;
    }

    public async Task<InboxCounts> Undo(string token, DateTimeOffset? deadline)
    {
        await CurrentState();
        return (await _marks.Change(s => s.Undo(token, _services.Clock.Now), deadline)).Counts;
    }

    public async Task<InboxItem> Patch(NotificationId id, bool? read, bool? archived, DateTimeOffset? deadline)
    {
        await CurrentState(id);
        var state = await _marks.Change(s => id.Epoch == s.Epoch ? s.Patch(id.Seq, read, archived) : (s, []), deadline);
        MarksChanged(state, read == true);
        return await Item(state, id);
    }

    public async Task<InboxItem> Act(NotificationId id, string action, DateTimeOffset? deadline)
    {
        var state = await CurrentState(id);
        if (id.Epoch != state.Epoch || await _pages.Get(state, id.Seq) is not { } stored || !NotificationJson.HasAction(stored, action)) return new InboxItem();
        var check = state.ActedOf(id.Seq) is null ? await _checks.BeginChoice(id) : null;
        state = await _marks.Change(s => id.Epoch == s.Epoch ? s.Act(id.Seq, action, _services.Clock.Now) : (s, []), deadline);
        if (check is not null) _checks.LookNow(check);
        MarksChanged(state, isRead: true);
        return await Item(state, id);
    }

    public async Task Delete(NotificationId id)
    {
        var state = await CurrentState(id);
        // Also when it is gone: perhaps by a write whose caller was told that it is uncertain, on a master that was replaced since. Only storage can tell.
        if (id.Epoch == state.Epoch && id.Seq >= state.Floor && id.Seq <= state.Head) await Remove(id.Epoch, [id.Seq]);
    }

    public async Task Retract(string collapseKey)
    {
        var wasUsed = _isUsed;
        await _services.Waiting.WithdrawKey(_inbox.Key, collapseKey); // first: what comes meanwhile is found then
        var state = await CurrentState();
        if (await Find(state, collapseKey) is { } seq) await Delete(new NotificationId(state.Epoch, seq));
        _isUsed = wasUsed;
        if (!_isUsed) DeactivateOnIdle();
    }

    public Task<NotificationId?> Cancel(string scheduled) => _services.Waiting.Withdraw(_inbox.Key, scheduled);

    public async Task<InboxCounts> Snooze(NotificationId[] ids, DateTimeOffset until, DateTimeOffset? deadline)
    {
        var state = await CurrentState(ids.Max());
        if (_services.Time.GetUtcNow() > deadline) throw new TimeoutException("The request came after its sender had stopped waiting for it.");
        var kept = ids.Where(state.IsKept).Select(id => id.Seq).Distinct().ToList();
        if (kept.Count == 0 || await _waiting.Snooze(state.Epoch, kept, until) is not { Count: > 0 } snoozed) return state.Counts;
        foreach (var seq in snoozed) _inbox.Expirations.Add(seq, DateTimeOffset.FromUnixTimeMilliseconds(InboxLimits.Replaced));
        return (await CurrentState()).Counts;
    }

    public async Task<InboxCounts> Unsnooze(NotificationId[] ids)
    {
        await _waiting.Deliver([.. ids.Select(id => id.ToString())], null, (await CurrentState()).Preferences);
        return (await CurrentState()).Counts;
    }

    public Task<WaitingPage> Waiting(WaitingQuery query) => _waiting.List(query);

    public async Task<Deliveries> Deliver(string[] ids) => await _waiting.Deliver(ids, _services.Clock.Now, (await CurrentState()).Preferences);

    public async Task<PreferencesResult> Preferences() => PreferencesOf(await CurrentState());

    public async Task<PreferencesResult> SavePreferences(byte[] json, long[]? ifVersions, DateTimeOffset? deadline)
    {
        var errors = new FieldErrors();
        var preferences = JsonBody.Parse(json, PreferencesBody.Parse, errors) ?? throw new ArgumentException(NotificationRules.InOneLine(errors.ToDictionary()), nameof(json));
        await CurrentState();
        var saved = false;
        var state = await _marks.Change(s =>
        {
            var next = s.WithPreferences(preferences);
            saved = ifVersions is null || ifVersions.Contains(s.PreferencesVersion) || ReferenceEquals(next, s); // the same again: its first answer may have been lost
            return (saved ? next : s, []);
        }, deadline);
        return PreferencesOf(state) with { Saved = saved };
    }

    private static PreferencesResult PreferencesOf(InboxState state) => new() { Json = (state.Preferences ?? OrleansInbox.Preferences.None).ToJson(), Version = state.PreferencesVersion };

    public async Task<string[]> Topics() => [.. await _services.Topics.TopicsOf(_inbox.Key)];

    public async Task Erase(DateTimeOffset? deadline)
    {
        await _inbox.Loaded();
        await _marks.Erase(deadline);
        _pages.Clear();
    }

    public async Task Forget(DateTimeOffset? deadline)
    {
        await _inbox.Loaded();
        if (_services.Time.GetUtcNow() > deadline) throw new TimeoutException("The request came after its sender had stopped waiting for it.");
        await _services.Topics.Forget(_inbox.Key); // first: when that fails, all of it is asked for again
        await _marks.Forget(deadline);
        _pages.Clear();
    }

    public async Task<ExportPage> Export(NotificationId after, NotificationId to)
    {
        var state = await CurrentState();
        var entries = to.Epoch == state.Epoch ? await _pages.After(state, after.Epoch == state.Epoch ? after.Seq : 0, _exportedAtOnce) : [];
        entries.RemoveAll(entry => entry.Seq > to.Seq);
        state = await CurrentState();
        var buffer = EventJson.Buffer();
        foreach (var entry in entries.Where(entry => state.IsKept(new NotificationId(to.Epoch, entry.Seq))))
        {
            NotificationJson.WriteItem(buffer, new(to.Epoch, entry.Seq), entry.Json, state.FlagsOf(entry.Seq));
            buffer.Write("\n"u8);
        }
        NotificationId? next = entries.Count > 0 ? new NotificationId(to.Epoch, entries[^1].Seq) : null;
        return new ExportPage { Lines = buffer.WrittenSpan.ToArray(), Next = next, Now = PositionOf(state), Marks = state.ToMarks() };
    }

    public async Task<InboxPosition> Watch(string frontEnd)
    {
        var state = await CurrentState();
        _watchers.Watch(frontEnd, state.MarksVersion);
        return PositionOf(state);
    }

    public Task Unwatch(string frontEnd)
    {
        _watchers.Unwatch(frontEnd);
        return Task.CompletedTask;
    }

    public async Task<ReplayPage> Replay(NotificationId after, long marksVersion, int max)
    {
        await _inbox.Fenced(); // readers go on above the head that they are told
        var state = await CurrentStateSeen(after);
        var seq = after.Epoch == state.Epoch ? after.Seq : after.Epoch > state.Epoch ? state.Head : 0;
        var entries = await _pages.After(state, seq, max + 1);
        var more = entries.Count > max;
        if (more) entries.RemoveRange(max, entries.Count - max);
        var events = entries.ConvertAll(e => _watchers.AddedEvent(state, new NotificationId(state.Epoch, e.Seq), e.Json));
        var changes = more || marksVersion < 0 ? [] : _watchers.ChangesSince(marksVersion);
        if (changes is not null) events.AddRange(changes.Where(c => c.MarksVersion <= state.MarksVersion));
        return new ReplayPage { Events = [.. events], Now = PositionOf(state), More = more, MarksLost = changes is null && marksVersion != state.MarksVersion, AfterIsLost = _inbox.IsLost(after) };
    }

    private static InboxPosition PositionOf(InboxState state) =>
        new() { Counts = state.Counts, MarksVersion = state.MarksVersion, Head = state.HeadId, Floor = state.FloorId };

    private async Task<InboxItem> Item(InboxState state, NotificationId id)
    {
        if (id.Epoch != state.Epoch || await _pages.Get(state, id.Seq) is not { } stored) return new InboxItem();
        var buffer = EventJson.Buffer();
        NotificationJson.WriteItem(buffer, id, stored, state.FlagsOf(id.Seq));
        return new InboxItem { Json = buffer.WrittenSpan.ToArray() };
    }

    /// <summary>The state as of now: what has aged out or expired is gone, what was announced is there.</summary>
    private ValueTask<InboxState> CurrentState()
    {
        _isUsed = true;
        return _inbox.State is { } state && !_inbox.IsDue && !_announcements.IsBehind ? new(state) : AdvanceState();
    }

    /// <summary>Likewise. An id above our head means that another activation wrote: reload.</summary>
    private ValueTask<InboxState> CurrentState(NotificationId named)
    {
        if (_inbox.State is { } state && named > state.HeadId) _inbox.Invalidate(marksToo: true);
        return CurrentState();
    }

    /// <summary>Likewise, for an id that a client has seen: when storage does not know it, storage lost it.</summary>
    private async ValueTask<InboxState> CurrentStateSeen(NotificationId named)
    {
        var state = await CurrentState(named);
        if (named <= state.HeadId) return state;
        await _inbox.Seen(named);
        return await CurrentState();
    }

    /// <summary>Likewise, and storage is asked: another activation may have written marks, while this silo stood still.</summary>
    private async ValueTask<InboxState> StoredState()
    {
        var tags = (IStateTags)ServiceProvider.GetRequiredKeyedService<IGrainStorage>(InboxLimits.StateProvider);
        if (await tags.TagOf(_marksName, this.GetGrainId()) != _inbox.Marks.Etag) _inbox.Invalidate(marksToo: true);
        return await CurrentState();
    }

    private async ValueTask<InboxState> AdvanceState()
    {
        await _announcements.Begun();
        while (true)
        {
            var state = await _inbox.Loaded();
            await _inbox.AdvanceFloor();
            if (_inbox.Expirations.Due() is { Length: > 0 } due) await RemoveExpired(state.Epoch, due); // meanwhile an append may have replaced another one
            else if (_announcements.IsBehind) await _announcements.TakeIn(state);
            else if (_inbox.State is { } now) return now;
        }
    }

    private async Task RemoveExpired(long epoch, long[] seqs)
    {
        await Remove(epoch, seqs);
        await _inbox.Expirations.Removed(epoch, seqs);
    }

    private void MarksChanged(InboxState state, bool isRead)
    {
        if (isRead) _checks.MarksChanged();
        _announcements.MarksChanged(state);
    }

    private async ValueTask<long?> Find(InboxState state, string collapseKey) => state.Epoch == 0 ? null : await _services.Log.Find(_inbox.Key, state.Epoch, collapseKey);

    private IGrainTimer StartTimer(Func<CancellationToken, Task> tick) =>
        this.RegisterGrainTimer(tick, new GrainTimerCreationOptions { DueTime = Timeout.InfiniteTimeSpan, Period = Timeout.InfiniteTimeSpan, Interleave = true });

    /// <summary>First from the marks, which decide what callers see, then from the log.</summary>
    private async Task Remove(long epoch, long[] seqs)
    {
        await _marks.Change(s => s.Epoch == epoch ? s.Delete(seqs) : (s, []));
        await RemoveFromLog(epoch, seqs);
    }

    private async Task RemoveFromLog(IReadOnlyList<MarkChange> removed)
    {
        foreach (var change in removed)
            if (!await RemoveFromLog(change.Epoch, change.Seqs)) return;
    }

    private async Task<bool> RemoveFromLog(long epoch, IReadOnlyList<long> seqs)
    {
        try
        {
            await _services.Log.Delete(_inbox.Key, epoch, seqs);
            return true;
        }
        catch (StorageUnavailableException failure)
        {
            LeftInLog(_services.Logger, _services.Outage.ShouldLog() ? LogLevel.Warning : LogLevel.Debug, failure, _inbox.Key, seqs.Count); // hidden for good; retention removes it
            return false;
        }
    }

    [LoggerMessage(Message = "Inbox {Inbox} could not be loaded. (Further failures of the next seconds are logged as Debug.)")]
    private static partial void ActivationFailed(ILogger logger, LogLevel level, Exception failure, string inbox);

    [LoggerMessage(Message = "Inbox {Inbox}: {Count} removed notifications are still in the log.")]
    private static partial void LeftInLog(ILogger logger, LogLevel level, Exception failure, string inbox, int count);
}
