using Orleans.Runtime;
using OrleansInbox.Storage;

namespace OrleansInbox.Inboxes;

/// <summary>
/// What one activation knows of its inbox: the state that storage has accepted. It is loaded from marks and log, invalidated when a write was refused or
/// its outcome is unknown, and then loaded again by the next caller. Everything here runs in the grain's turns: no locks.
/// </summary>
internal sealed partial class InboxSession(string key, IPersistentState<InboxMarks> marks, InboxServices services)
{
    private string? _writer;
    private Task? _loading;
    private bool _marksAreRead = true; // the runtime reads them before the activation's first turn
    private int _invalidations;
    private long _fencedEpoch;

    /// <summary>The oldest kept entry is too old then.</summary>
    private DateTimeOffset _agesAt = DateTimeOffset.MaxValue;

    public string Key { get; } = key;

    /// <summary>Names this activation in the log, so that after an uncertain write it knows its own entries.</summary>
    public string Writer => _writer ??= RandomId.New(bytes: 6);

    public InboxServices Services { get; } = services;
    public IPersistentState<InboxMarks> Marks { get; } = marks;
    public required Expirations Expirations { get; init; }
    public RecentEntries Recent { get; } = new();

    /// <summary>What storage has accepted; null when it has to be loaded (again).</summary>
    public InboxState? State { get; private set; }

    /// <summary>The log lost entries that the stored marks speak of: the marks have to be written before the next append, or they would mark it.</summary>
    public bool MarksAreBehind { get; private set; }

    /// <summary>By which the newest entry ages: the next one does not before it.</summary>
    public DateTimeOffset LastCreatedAt { get; private set; }

    /// <summary>Something has aged out or expired.</summary>
    public bool IsDue
    {
        get
        {
            var due = _agesAt < Expirations.NextAt ? _agesAt : Expirations.NextAt;
            return due != DateTimeOffset.MaxValue && Services.Time.GetUtcNow() is var now && now >= due && Services.Clock.At(now) >= due;
        }
    }

    private DateTimeOffset MinCreatedAt => Services.Clock.Now - Services.Options.Retention.MaxAge;

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
        _invalidations++;
        Recent.Clear();
        if (marksToo) _marksAreRead = false;
    }

    /// <summary>Marks were written that <paramref name="next"/> holds, made from <paramref name="before"/>.</summary>
    public void MarksWritten(InboxState before, InboxState next)
    {
        MarksAreBehind = false;
        if (State is not { } now)
        {
            Invalidate(marksToo: true); // a load that is under way may have read before them
            return;
        }
        // Appends that completed meanwhile are not in the marks that were written.
        State = ReferenceEquals(now, before) ? next : InboxState.Of(Marks.State, now.Epoch, now.Head, now.Floor, _skipped);
    }

    /// <summary>The log was erased up to that epoch.</summary>
    public void Erased(long epoch)
    {
        if (State is null) Invalidate(marksToo: false); // likewise
        _fencedEpoch = Math.Max(_fencedEpoch, epoch);
        _agesAt = DateTimeOffset.MaxValue;
        (_skipped, _logHead, _tailMayBeLost) = (SeqRanges.Empty, 0, false);
        Expirations.Clear();
        Recent.Clear();
    }

    /// <summary>The epoch for the first append to an empty or erased inbox: above every epoch before.</summary>
    public long NextEpoch()
    {
        _fencedEpoch = Math.Max(_fencedEpoch + 1, Services.Time.GetUtcNow().ToUnixTimeMilliseconds());
        return _fencedEpoch;
    }

    /// <summary>The log has taken entries up to <paramref name="lastSeq"/>; so many of those before them are about to be removed, and take nobody's place.</summary>
    public void Appended(long epoch, long lastSeq, DateTimeOffset lastCreatedAt, int replaced)
    {
        _highest = new NotificationId(epoch, lastSeq);
        (_logHead, _knownEpoch) = (lastSeq, epoch);
        if (lastCreatedAt > LastCreatedAt) LastCreatedAt = lastCreatedAt;
        if (State is not { } state)
        {
            Invalidate(marksToo: false); // a load that is under way may have read before them: it would take them for lost
            return;
        }
        if (state.Epoch != epoch) state = state.StartEpoch(epoch);
        if (lastSeq > state.Head) State = state.Appended(lastSeq - state.Head, Services.Options.Retention.MaxCount + replaced);
        if (_agesAt == DateTimeOffset.MaxValue) _agesAt = lastCreatedAt + Services.Options.Retention.MaxAge;
    }

    /// <summary>Moves the floor above what has aged out.</summary>
    public async Task AdvanceFloor()
    {
        if (State is not { } state || Services.Clock.Now < _agesAt) return;
        var first = await Services.Log.FirstSince(Key, state.Epoch, state.Floor, MinCreatedAt);
        if (State is not { } current || current.Epoch != state.Epoch) return;
        // Entries that were appended while the log was asked are young.
        State = current.WithFloor(first?.Seq ?? Math.Min(state.Head + 1, current.Head + 1));
        _agesAt = first is { } oldest ? oldest.CreatedAt + Services.Options.Retention.MaxAge
            : current.Head > state.Head ? LastCreatedAt + Services.Options.Retention.MaxAge : DateTimeOffset.MaxValue;
    }

    /// <summary>Whatever storage threw, as the exception that callers know.</summary>
    public static StorageUnavailableException Unavailable(Exception failure) => failure as StorageUnavailableException
        ?? new StorageUnavailableException($"Storage did not answer as it should: {failure.Message}", failure);

    private async Task Load()
    {
        var invalidations = _invalidations;
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
        if (invalidations == _invalidations) Take(await open);
    }

    private async Task ReadMarks()
    {
        await Marks.ReadStateAsync().WaitAsync(Services.Options.StorageTimeout, Services.Time);
        _marksAreRead = true;
    }

    private void Take(LogPosition log)
    {
        _fencedEpoch = Math.Max(_fencedEpoch, Math.Max(log.FencedEpoch, Marks.State.Epoch));
        var head = HeadOf(log);
        State = InboxState.Of(Marks.State, log.Epoch, head, log.First?.Seq ?? head + 1, _skipped).KeepingNewest(Services.Options.Retention.MaxCount + log.Expiries.Count(e => e.At.ToUnixTimeMilliseconds() == InboxLimits.Replaced));
        MarksAreBehind = State.MarksVersion != Marks.State.Version;
        LastCreatedAt = log.LastCreatedAt ?? default;
        _agesAt = log.First is { } oldest ? oldest.CreatedAt + Services.Options.Retention.MaxAge : DateTimeOffset.MaxValue;
        Expirations.Load(log.Expiries);
    }
}
