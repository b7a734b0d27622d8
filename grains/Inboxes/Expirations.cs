using Orleans.Runtime;
using Orleans.Storage;
using OrleansInbox.Storage;

namespace OrleansInbox.Inboxes;

/// <summary>
/// The notifications that expire next, and one timer for the first of them, so that live clients see it go. The log knows them all; memory holds the
/// soonest <see cref="LogPosition.MaxExpiries"/>.
/// </summary>
internal sealed class Expirations(string inbox, InboxServices services, Func<Func<CancellationToken, Task>, IGrainTimer> startTimer, Func<Task> expire)
{
    private static readonly TimeSpan _longestTimer = SteadyClock.TrustedAfter; // by then the date may be another
    private static readonly TimeSpan _retry = TimeSpan.FromSeconds(5);

    private List<LogExpiry>? _soonest;
    private bool _moreInLog;
    private IGrainTimer? _timer;
    private DateTimeOffset _timerAt = DateTimeOffset.MaxValue;

    public DateTimeOffset NextAt => _soonest is { Count: > 0 } ? _soonest[0].At : DateTimeOffset.MaxValue;

    /// <summary>Starts from what the log holds, soonest first.</summary>
    public void Load(IReadOnlyList<LogExpiry> soonest)
    {
        _soonest = soonest.Count > 0 ? [.. soonest] : null;
        _moreInLog = soonest.Count >= LogPosition.MaxExpiries;
        ArmTimer();
    }

    public void Clear() => (_soonest, _moreInLog) = (null, false);

    public void Add(long seq, DateTimeOffset at)
    {
        _soonest ??= [];
        var index = _soonest.FindLastIndex(e => e.At <= at) + 1;
        if (index == _soonest.Count && _moreInLog) return; // it is read from the log when those before it are gone
        _soonest.Insert(index, new LogExpiry(seq, at));
        if (_soonest.Count > LogPosition.MaxExpiries)
        {
            _soonest.RemoveAt(_soonest.Count - 1);
            _moreInLog = true;
        }
        ArmTimer();
    }

    /// <summary>The seqs whose time is up; they stay listed until <see cref="Removed"/>.</summary>
    public long[] Due()
    {
        var now = services.Clock.Now;
        return NextAt > now ? [] : [.. _soonest!.TakeWhile(e => e.At <= now).Select(e => e.Seq)];
    }

    /// <summary>They are gone from the marks and the log; the next ones are read when memory has no more of them.</summary>
    public async Task Removed(long epoch, long[] seqs)
    {
        _soonest?.RemoveAll(e => Array.IndexOf(seqs, e.Seq) >= 0);
        if (_soonest is { Count: 0 } && _moreInLog) Load(await services.Log.NextExpiries(inbox, epoch, LogPosition.MaxExpiries));
        else ArmTimer();
    }

    private void ArmTimer()
    {
        if (NextAt == _timerAt || NextAt == DateTimeOffset.MaxValue) return;
        _timerAt = NextAt;
        var due = _timerAt - services.Clock.Now;
        _timer ??= startTimer(Expire);
        _timer.Change(due < TimeSpan.Zero ? TimeSpan.Zero : due > _longestTimer ? _longestTimer : due + TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
    }

    private async Task Expire(CancellationToken cancellationToken)
    {
        _timerAt = DateTimeOffset.MaxValue;
        try
        {
            await expire();
            ArmTimer();
        }
        catch (Exception failure) when (failure is StorageUnavailableException or InconsistentStateException) // counted and logged where it happened
        {
            _timer!.Change(_retry, Timeout.InfiniteTimeSpan);
        }
    }
}
