using System.Globalization;
using System.Text;

namespace OrleansInbox.Tests.ClientApi.Live;

/// <summary>An inbox as the grain's contract says, in memory; the test decides what becomes of its events.</summary>
internal sealed class ScriptedInbox(string key, Action<InboxEvent> tell) : IInboxGrain
{
    private readonly Lock _lock = new();
    private readonly List<InboxEvent> _kept = [];
    private readonly List<InboxEvent> _changes = [];
    private readonly TaskCompletionSource _unwatched = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private NotificationId _head;
    private long _floor = 1;
    private long _marks;

    public bool IsWatched { get; private set; }
    public Task Unwatched => _unwatched.Task;
    public int Watches { get; private set; }
    public int Replays { get; private set; }

    /// <summary>Set: every call fails.</summary>
    public Exception? Failure { get; set; }

    /// <summary>Set: a watch has no answer until this completes.</summary>
    public TaskCompletionSource? HungWatches { get; set; }

    /// <summary>Runs in the middle of a replay, after its answer was made up.</summary>
    public Action? DuringReplay { get; set; }

    /// <summary>What happens while the answer of a watch is on its way.</summary>
    public Action? AfterWatch { get; set; }

    public NotificationId Head
    {
        get { lock (_lock) return _head; }
    }

    public InboxEvent Append(bool quietly = false, int bodyLength = 0)
    {
        lock (_lock)
        {
            _head = _head.Seq == 0 ? new(Math.Max(_head.Epoch, 1_000) + 1, 1) : new(_head.Epoch, _head.Seq + 1);
            var added = Event(InboxEventKind.Added, $"{{\"item\":{{\"id\":\"{_head}\"{(bodyLength == 0 ? "" : $",\"body\":\"{new string('x', bodyLength)}\"")}}}}}");
            _kept.Add(added);
            if (!quietly) tell(added);
            return added;
        }
    }

    public void Append(int count)
    {
        for (var i = 0; i < count; i++) Append();
    }

    public InboxEvent Mark(bool quietly = false, InboxEventKind kind = InboxEventKind.Marked)
    {
        lock (_lock)
        {
            _marks++;
            var marked = Event(kind, string.Create(CultureInfo.InvariantCulture, $"{{\"action\":\"read\",\"version\":{_marks}}}"));
            _changes.Add(marked);
            if (!quietly) tell(marked);
            return marked;
        }
    }

    public void Trim(int keep)
    {
        lock (_lock)
        {
            _kept.RemoveRange(0, _kept.Count - keep);
            _floor = _head.Seq - keep + 1;
        }
    }

    public void ForgetChanges()
    {
        lock (_lock) _changes.Clear();
    }

    /// <summary>As the grain does it: no head until something is published, in an epoch above.</summary>
    public InboxEvent Erase(bool quietly = false)
    {
        lock (_lock)
        {
            var epoch = _head.Epoch;
            _kept.Clear();
            _changes.Clear();
            (_head, _floor) = (default, 1);
            _marks++;
            var reset = Event(InboxEventKind.Reset, "{}");
            if (!quietly) tell(reset);
            _head = new(epoch, 0);
            return reset;
        }
    }

    public async Task<InboxPosition> Watch(string frontEnd)
    {
        await Task.Yield();
        InboxPosition answer;
        lock (_lock) Watches++;
        if (HungWatches is { } hung) await hung.Task;
        lock (_lock)
        {
            if (Failure is not null) throw Failure;
            IsWatched = true;
            answer = CurrentPosition();
        }
        AfterWatch?.Invoke();
        return answer;
    }

    public Task Unwatch(string frontEnd)
    {
        lock (_lock) IsWatched = false;
        _unwatched.TrySetResult();
        return Task.CompletedTask;
    }

    public async Task<ReplayPage> Replay(NotificationId after, long marksVersion, int max)
    {
        await Task.Yield();
        ReplayPage answer;
        lock (_lock)
        {
            if (Failure is not null) throw Failure;
            Replays++;
            var newer = _kept.Where(e => e.Id > after).ToList();
            var more = newer.Count > max;
            var known = marksVersion < 0 || marksVersion >= _marks || _changes.Any(c => c.MarksVersion == marksVersion + 1);
            answer = new ReplayPage
            {
                Events = [.. newer.Take(max), .. more || marksVersion < 0 ? [] : _changes.Where(c => c.MarksVersion > marksVersion)],
                Now = CurrentPosition(),
                More = more,
                MarksLost = !known,
            };
        }
        DuringReplay?.Invoke();
        return answer;
    }

    private InboxPosition CurrentPosition() => new()
    {
        Counts = new() { Unread = _kept.Count, Unseen = 0, Total = _kept.Count, Head = _head.Seq == 0 ? null : _head, Version = _marks },
        MarksVersion = _marks,
        Head = _head,
        Floor = new(_head.Epoch, _floor),
    };

    private InboxEvent Event(InboxEventKind kind, string data) =>
        new() { Inbox = key, Kind = kind, Id = _head, MarksVersion = _marks, Data = Encoding.UTF8.GetBytes(data) };

    Task<Appended> IInboxGrain.Append(NewNotification notification) => throw new NotSupportedException();
    Task<InboxPage> IInboxGrain.List(ListQuery query, CancellationToken cancelled) => throw new NotSupportedException();
    Task<InboxItem> IInboxGrain.Get(NotificationId id) => throw new NotSupportedException();
    Task<InboxCounts> IInboxGrain.Counts() => throw new NotSupportedException();
    Task<InboxCounts> IInboxGrain.CountsOf(string[] types, CancellationToken cancelled) => throw new NotSupportedException();
    Task<InboxCounts> IInboxGrain.Mark(MarkRequest request, DateTimeOffset? deadline, CancellationToken cancelled) => throw new NotSupportedException();
    Task<InboxCounts> IInboxGrain.Undo(string token, DateTimeOffset? deadline) => throw new NotSupportedException();
    Task<InboxItem> IInboxGrain.Patch(NotificationId id, bool? read, bool? archived, DateTimeOffset? deadline) => throw new NotSupportedException();
    Task<InboxItem> IInboxGrain.Act(NotificationId id, string action, DateTimeOffset? deadline) => throw new NotSupportedException();
    Task IInboxGrain.Delete(NotificationId id) => throw new NotSupportedException();
    Task IInboxGrain.Retract(string collapseKey) => throw new NotSupportedException();
    Task IInboxGrain.Erase(DateTimeOffset? deadline) => throw new NotSupportedException();
    Task IInboxGrain.Forget(DateTimeOffset? deadline) => throw new NotSupportedException();
    Task<string[]> IInboxGrain.Topics() => throw new NotSupportedException();
    Task<PreferencesResult> IInboxGrain.Preferences() => throw new NotSupportedException();
    Task<PreferencesResult> IInboxGrain.SavePreferences(byte[] json, long[]? ifVersions, DateTimeOffset? deadline) => throw new NotSupportedException();
    Task<NotificationId?> IInboxGrain.Cancel(string scheduled) => throw new NotSupportedException();
    Task<InboxCounts> IInboxGrain.Snooze(NotificationId[] ids, DateTimeOffset until, DateTimeOffset? deadline) => throw new NotSupportedException();
    Task<InboxCounts> IInboxGrain.Unsnooze(NotificationId[] ids) => throw new NotSupportedException();
    Task<WaitingPage> IInboxGrain.Waiting(WaitingQuery query) => throw new NotSupportedException();
    Task<Deliveries> IInboxGrain.Deliver(string[] ids) => throw new NotSupportedException();
    Task<ExportPage> IInboxGrain.Export(NotificationId after, NotificationId to) => throw new NotSupportedException();
}
