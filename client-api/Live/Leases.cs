using System.Collections.Concurrent;
using System.Threading.Channels;

namespace OrleansInbox.ClientApi.Live;

/// <summary>
/// Keeps the leases on the watched inboxes, and with each renewal compares what the grain has with what came here. To look at an inbox is the
/// answer to every doubt: its lease is due, its lane was full, it has moved, the messenger was silent.
/// </summary>
internal sealed class Leases(LiveContext frontEnd, WatchedInboxes inboxes)
{
    /// <summary>Not fewer: those that wait for a frozen silo must not keep the others waiting.</summary>
    private const int _atOnce = 128;

    /// <summary>Bounded by the number of inboxes: none is in it twice.</summary>
    private readonly Channel<WatchedInbox> _due = Channel.CreateUnbounded<WatchedInbox>();
    private readonly ConcurrentQueue<(WatchedInbox Inbox, long Since)> _failed = new();
    private long _visits;
    private ITimer? _timer;
    private Task _work = Task.CompletedTask;

    public void Start()
    {
        _work = Task.WhenAll(Enumerable.Range(0, _atOnce).Select(_ => Work()));
        var pace = frontEnd.Options.Renew / WatchedInboxes.Slices;
        _timer = frontEnd.Time.CreateTimer(_ => Visit(), null, pace, pace);
    }

    private void Visit()
    {
        LookAt(inboxes.Slice(Interlocked.Increment(ref _visits)));
        while (_failed.TryPeek(out var first) && frontEnd.Time.GetElapsedTime(first.Since) >= frontEnd.Options.AskAgain && _failed.TryDequeue(out first))
            LookAt(first.Inbox);
    }

    public void LookAt(WatchedInbox inbox)
    {
        if (inbox.TrySetDue()) _due.Writer.TryWrite(inbox);
    }

    public void LookAtAll() => LookAt(inboxes.All);

    public async Task Stop()
    {
        _timer?.Dispose();
        _due.Writer.TryComplete();
        while (_due.Reader.TryRead(out _)) { }
        await _work;
    }

    private void LookAt(IEnumerable<WatchedInbox> several)
    {
        foreach (var inbox in several) LookAt(inbox);
    }

    private async Task Work()
    {
        while (await _due.Reader.WaitToReadAsync())
            while (_due.Reader.TryRead(out var inbox)) await Look(inbox);
    }

    private async Task Look(WatchedInbox inbox)
    {
        inbox.ClearDue();
        try
        {
            var grain = frontEnd.Inbox(inbox.Key);
            if (!inbox.IsIdle)
            {
                var before = inbox.Reached;
                inbox.Compare(await grain.Watch(frontEnd.Id).WaitAsync(frontEnd.Options.Patience, frontEnd.Time), before);
                return;
            }
            // Nobody has read since the last visit or shortly after it: let it go. Whoever joins now may have had his lease ended by us.
            await grain.Unwatch(frontEnd.Id).WaitAsync(frontEnd.Options.Patience, frontEnd.Time);
            if (!inboxes.TryForget(inbox)) LookAt(inbox);
        }
        catch (Exception failure)
        {
            frontEnd.NotReached(inbox.Key, failure);
            if (inbox.IsIdle && inboxes.TryForget(inbox)) return; // the lease runs out by itself
            _failed.Enqueue((inbox, frontEnd.Time.GetTimestamp()));
        }
    }
}
