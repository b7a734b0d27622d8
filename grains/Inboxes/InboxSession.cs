using Orleans.Runtime;
using OrleansInbox.Storage;

namespace OrleansInbox.Inboxes;

/// <summary>
/// What one activation knows of its inbox: the accepted state, loaded from marks and log, forgotten when a write was refused or its fate is
/// unknown, and loaded again by whoever comes next. Everything here runs in the grain's turns: no locks.
/// </summary>
internal sealed class InboxSession(string key, IPersistentState<InboxMarks> marks, InboxServices services)
{
    private string? _writer;
    private Task? _loading;
    private bool _marksAreRead = true; // the runtime reads them before the activation's first turn
    private int _forgotten;
    private long _fencedEpoch;
    private NotificationId _highest;
    private List<LogExpiry>? _expiries;
    private bool _moreExpiries;
    private DateTimeOffset _due = DateTimeOffset.MaxValue;

    public string Key { get; } = key;

    /// <summary>Names this activation in the log, so that after an uncertain write it knows its own entries.</summary>
    public string Writer => _writer ??= RandomId.New(bytes: 6);

    public InboxServices Services { get; } = services;
    public IPersistentState<InboxMarks> Marks { get; } = marks;

    /// <summary>What storage has accepted; null when it has to be loaded (again).</summary>
    public InboxState? State { get; private set; }

    public RecentEntries Recent { get; } = new();

    /// <summary>The next moment at which something ages out or expires.</summary>
    public bool IsDue => _due != DateTimeOffset.MaxValue && Services.Time.GetUtcNow() >= _due;

    public DateTimeOffset? NextExpiry => _expiries is { Count: > 0 } ? _expiries[0].At : null;

    /// <summary>When the newest entry was created: the next one is not before it.</summary>
    public DateTimeOffset LastCreatedAt { get; private set; }

    /// <summary>The oldest kept entry ages out then.</summary>
    private DateTimeOffset _agesAt = DateTimeOffset.MaxValue;

    public DateTimeOffset MinCreatedAt => Services.Time.GetUtcNow() - Services.Options.Retention.MaxAge;

    public async ValueTask<InboxState> Loaded()
    {
        while (State is null)
        {
            if (_loading is not { IsCompleted: false }) _loading = Load();
            await _loading;
        }
        _loading = null;
        return State;
    }

    /// <summary>Drops what memory holds; storage is asked again.</summary>
    public void Invalidate(bool marksToo)
    {
        State = null;
        _forgotten++;
        Recent.Clear();
        if (marksToo) _marksAreRead = false;
    }

    private async Task Load()
    {
        var generation = _forgotten;
        var open = Services.Log.Open(Key, MinCreatedAt);
        try
        {
            await (_marksAreRead ? open : Task.WhenAll(open, ReadMarks()));
        }
        catch (Exception failure)
        {
            Services.Metrics.StorageFailed("open");
            throw Unavailable(failure);
        }
        if (generation == _forgotten) Take(await open);
    }

    private async Task ReadMarks()
    {
        await Marks.ReadStateAsync().WaitAsync(Services.Options.StorageTimeout, Services.Time);
        _marksAreRead = true;
    }

    private void Take(LogPosition log)
    {
        _fencedEpoch = Math.Max(_fencedEpoch, Math.Max(log.FencedEpoch, Marks.State.Epoch));
        // A log that lost its end (a Redis without AOF that died) must not assign an id twice: a hole is better.
        var head = log.Epoch == _highest.Epoch ? Math.Max(log.Head, _highest.Seq) : log.Head;
        _highest = new NotificationId(log.Epoch, head);
        State = InboxState.Of(Marks.State, log.Epoch, head, log.First?.Seq ?? head + 1).KeepingNewest(Services.Options.Retention.MaxCount);
        MarksAreBehind = State.MarksVersion != Marks.State.Version;
        LastCreatedAt = log.LastCreatedAt ?? default;
        _agesAt = log.First is { } oldest ? oldest.CreatedAt + Services.Options.Retention.MaxAge : DateTimeOffset.MaxValue;
        _expiries = log.Expiries.Count > 0 ? [.. log.Expiries] : null;
        _moreExpiries = log.Expiries.Count >= LogPosition.MaxExpiries;
        SetDue();
    }

    /// <summary>The log lost what the stored marks speak of: they have to be written before the next append.</summary>
    public bool MarksAreBehind { get; private set; }

    /// <summary>Marks were written that <paramref name="next"/> holds, made from <paramref name="before"/>.</summary>
    public void MarksWritten(InboxState before, InboxState next)
    {
        MarksAreBehind = false;
        if (State is not { } now) return; // forgotten meanwhile: the next load finds them
        // Appends may have come meanwhile; they are none of the marks that were written.
        State = ReferenceEquals(now, before) ? next : InboxState.Of(Marks.State, now.Epoch, now.Head, now.Floor);
    }

    /// <summary>The log was erased up to that epoch.</summary>
    public void Erased(long epoch)
    {
        _fencedEpoch = Math.Max(_fencedEpoch, epoch);
        _expiries = null;
        _moreExpiries = false;
        _agesAt = DateTimeOffset.MaxValue;
        Recent.Clear();
        SetDue();
    }

    /// <summary>The epoch for the first append after birth or erasure: above every one before.</summary>
    public long NextEpoch()
    {
        _fencedEpoch = Math.Max(_fencedEpoch + 1, Services.Time.GetUtcNow().ToUnixTimeMilliseconds());
        return _fencedEpoch;
    }

    /// <summary>The log has taken entries up to <paramref name="lastSeq"/>.</summary>
    public void Appended(long epoch, long lastSeq, DateTimeOffset lastCreatedAt)
    {
        _highest = new NotificationId(epoch, lastSeq);
        if (lastCreatedAt > LastCreatedAt) LastCreatedAt = lastCreatedAt;
        if (State is not { } state) return; // forgotten meanwhile: the next load finds the entries
        if (state.Epoch != epoch) state = state.StartEpoch(epoch);
        if (lastSeq > state.Head) State = state.Appended(lastSeq - state.Head, Services.Options.Retention.MaxCount);
        if (_agesAt == DateTimeOffset.MaxValue)
        {
            _agesAt = lastCreatedAt + Services.Options.Retention.MaxAge;
            SetDue();
        }
    }

    public void Expires(long seq, DateTimeOffset at)
    {
        _expiries ??= [];
        var index = _expiries.FindLastIndex(e => e.At <= at) + 1;
        if (index == _expiries.Count && _moreExpiries) return; // it will be read when those before are through
        _expiries.Insert(index, new LogExpiry(seq, at));
        if (_expiries.Count > LogPosition.MaxExpiries)
        {
            _expiries.RemoveAt(_expiries.Count - 1);
            _moreExpiries = true;
        }
        SetDue();
    }

    /// <summary>Moves the floor over what has aged out.</summary>
    public async Task AdvanceFloor()
    {
        if (State is not { } state || Services.Time.GetUtcNow() < _agesAt) return;
        var first = await Services.Log.FirstSince(Key, state.Epoch, state.Floor, MinCreatedAt);
        if (State is not { } current || current.Epoch != state.Epoch) return;
        // Entries appended while the log was asked are young.
        State = current.WithFloor(first?.Seq ?? Math.Min(state.Head + 1, current.Head + 1));
        _agesAt = first is { } oldest ? oldest.CreatedAt + Services.Options.Retention.MaxAge
            : current.Head > state.Head ? LastCreatedAt + Services.Options.Retention.MaxAge : DateTimeOffset.MaxValue;
        SetDue();
    }

    /// <summary>The seqs whose time is up; they stay listed until <see cref="Expired"/>.</summary>
    public long[] DueExpiries()
    {
        if (_expiries is null) return [];
        var now = Services.Time.GetUtcNow();
        return [.. _expiries.TakeWhile(e => e.At <= now).Select(e => e.Seq)];
    }

    /// <summary>They are gone from the marks and the log; what expires next is read when there was more than memory holds.</summary>
    public async Task Expired(long[] seqs)
    {
        _expiries?.RemoveAll(e => Array.IndexOf(seqs, e.Seq) >= 0);
        if (_expiries is { Count: 0 }) _expiries = null;
        if (_expiries is null && _moreExpiries && State is { } state)
        {
            var next = await Services.Log.NextExpiries(Key, state.Epoch, LogPosition.MaxExpiries);
            _moreExpiries = next.Count >= LogPosition.MaxExpiries;
            foreach (var expiry in next) (_expiries ??= []).Add(expiry);
        }
        SetDue();
    }

    private void SetDue()
    {
        var expiry = _expiries is { Count: > 0 } ? _expiries[0].At : DateTimeOffset.MaxValue;
        _due = expiry < _agesAt ? expiry : _agesAt;
    }

    /// <summary>Whatever storage threw, as what callers know.</summary>
    public static StorageUnavailableException Unavailable(Exception failure) => failure as StorageUnavailableException
        ?? new StorageUnavailableException($"Storage did not answer as it should: {failure.Message}", failure);
}
