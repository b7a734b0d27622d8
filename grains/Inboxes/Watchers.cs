namespace OrleansInbox.Inboxes;

/// <summary>
/// The front-ends that watch this inbox, each under a lease; and the newest changes of the marks, for one that missed an event.
/// Nobody watching costs nothing: no event is even rendered.
/// </summary>
internal sealed class Watchers(InboxSession inbox)
{
    private const int _maxChanges = 32;
    private const int _maxChangeBytes = 64 * 1024;

    private readonly record struct Lease(string FrontEnd, long Until);

    private Lease[] _leases = [];
    private Queue<InboxEvent>? _changes;
    private int _changeBytes;

    /// <summary><see cref="_changes"/> holds every change above this version of the marks.</summary>
    private long _changesSince = long.MaxValue;

    private InboxServices Services => inbox.Services;

    public void Watch(string frontEnd, long marksVersion)
    {
        if (!Any()) Since(marksVersion);
        var lease = new Lease(frontEnd, Services.Time.GetTimestamp() + (long)(InboxLimits.WatchLease.TotalSeconds * Services.Time.TimestampFrequency));
        var index = Array.FindIndex(_leases, l => l.FrontEnd == frontEnd);
        if (index >= 0) _leases[index] = lease;
        else _leases = [.. _leases, lease];
    }

    public void Unwatch(string frontEnd)
    {
        _leases = [.. _leases.Where(l => l.FrontEnd != frontEnd)];
        if (_leases.Length == 0) Since(long.MaxValue);
    }

    /// <summary>A notification was stored.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="stored">What the log holds.</param>
    /// <param name="traceParent">Of the publish.</param>
    /// <param name="replaced">The seq of the one that had its collapse key.</param>
    /// <param name="isMandatory">It has a sound in quiet hours too.</param>
    public void Added(NotificationId id, byte[] stored, string? traceParent, long? replaced = null, bool isMandatory = false)
    {
        if (inbox.State is not { } state || !Any()) return;
        Notify(AddedEvent(state, id, stored, replaced, isMandatory) with
        {
            AppendedAt = (Services.Time.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalMilliseconds,
            TraceParent = traceParent,
        });
    }

    /// <summary>As a live client gets it; also for reading back.</summary>
    public InboxEvent AddedEvent(InboxState state, NotificationId id, byte[] stored, long? replaced = null, bool isMandatory = false) => new()
    {
        Inbox = inbox.Key,
        Kind = InboxEventKind.Added,
        Id = id,
        MarksVersion = state.MarksVersion,
        Data = EventJson.Added(state, id, stored, replaced, isSilent: !isMandatory && state.Preferences?.Quiet?.Includes(Services.Time.GetUtcNow()) == true),
    };

    /// <summary>Marks changed; <paramref name="state"/> is the state after it.</summary>
    public void Changed(InboxState state, MarkChange change)
    {
        if (!Any())
        {
            Since(long.MaxValue);
            return;
        }
        var inboxEvent = new InboxEvent
        {
            Inbox = inbox.Key,
            Kind = change.Removed ? InboxEventKind.Removed : change.Acted is not null ? InboxEventKind.Acted : InboxEventKind.Marked,
            Id = state.HeadId,
            MarksVersion = change.MarksVersion,
            Data = EventJson.Changed(change),
        };
        Remember(inboxEvent);
        Notify(inboxEvent);
    }

    /// <summary>The inbox was erased, or (<see cref="InboxEventKind.Moved"/>) it leaves this silo.</summary>
    public void Notify(InboxEventKind kind)
    {
        if (!Any()) return;
        Since(inbox.State?.MarksVersion ?? long.MaxValue);
        Notify(new InboxEvent { Inbox = inbox.Key, Kind = kind, MarksVersion = inbox.State?.MarksVersion ?? 0, Data = "{}"u8.ToArray() });
    }

    /// <summary>Completes when the watchers have what they were sent.</summary>
    public Task Drained() => Task.WhenAll(_leases.Select(lease => Services.FrontEndQueues.Drained(lease.FrontEnd)));

    /// <returns>The changes above that version, oldest first; null when they are not remembered.</returns>
    public IEnumerable<InboxEvent>? ChangesSince(long marksVersion) =>
        marksVersion < _changesSince ? null : _changes?.Where(c => c.MarksVersion > marksVersion) ?? [];

    private void Notify(InboxEvent inboxEvent)
    {
        foreach (var lease in _leases) Services.FrontEndQueues.Send(lease.FrontEnd, inboxEvent);
    }

    /// <summary>Drops leases that ran out.</summary>
    private bool Any()
    {
        if (_leases.Length == 0) return false;
        var now = Services.Time.GetTimestamp();
        foreach (var lease in _leases)
        {
            if (lease.Until > now) continue;
            _leases = [.. _leases.Where(l => l.Until > now)];
            break;
        }
        return _leases.Length > 0;
    }

    private void Remember(InboxEvent change)
    {
        (_changes ??= new()).Enqueue(change);
        _changeBytes += change.Data.Length;
        while (_changes.Count > _maxChanges || _changeBytes > _maxChangeBytes)
        {
            var dropped = _changes.Dequeue();
            _changeBytes -= dropped.Data.Length;
            _changesSince = dropped.MarksVersion;
        }
    }

    private void Since(long marksVersion) => (_changes, _changeBytes, _changesSince) = (null, 0, marksVersion);
}
