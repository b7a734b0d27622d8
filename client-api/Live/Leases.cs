using System.Collections.Concurrent;
using System.Threading.Channels;

namespace OrleansInbox.ClientApi.Live;

/// <summary>
/// Keeps the leases on the watched inboxes. A refresh renews the lease and compares the grain's position with ours; it is the answer to every doubt:
/// the lease is due, the silo's queue was full, the inbox moved to another silo, events do not come through.
/// </summary>
internal sealed class Leases(LiveContext context, WatchedInboxes inboxes)
{
    /// <summary>Calls at the same time. Many, because those to a silo that just died wait for their time-out, and must not hold up the others.</summary>
    private const int _maxCalls = 1_024;

    /// <summary>Bounded by the number of inboxes: none is in it twice.</summary>
    private readonly Channel<WatchedInbox> _due = Channel.CreateUnbounded<WatchedInbox>();
    private readonly ConcurrentQueue<(WatchedInbox Inbox, long Since)> _failed = new();
    private ITimer? _timer;
    private Task _work = Task.CompletedTask;

    public void Start()
    {
        _work = Parallel.ForEachAsync(_due.Reader.ReadAllAsync(), new ParallelOptions { MaxDegreeOfParallelism = _maxCalls },
            async (inbox, _) => await RenewOrEnd(inbox));
        _timer = SliceTimer.Start(inboxes, context.Options.Renew, context.Time, Visit);
    }

    public void Refresh(WatchedInbox inbox)
    {
        if (inbox.TryQueueRefresh()) _due.Writer.TryWrite(inbox);
    }

    public void RefreshAll() => Refresh(inboxes.All);

    public async Task Stop()
    {
        _timer?.Dispose();
        _due.Writer.TryComplete();
        while (_due.Reader.TryRead(out _)) { }
        await _work;
    }

    private void Visit(IEnumerable<WatchedInbox> slice)
    {
        Refresh(slice);
        while (_failed.TryPeek(out var first) && context.Time.GetElapsedTime(first.Since) >= context.Options.RetryAfter && _failed.TryDequeue(out first))
            Refresh(first.Inbox);
    }

    private void Refresh(IEnumerable<WatchedInbox> several)
    {
        foreach (var inbox in several) Refresh(inbox);
    }

    private async Task RenewOrEnd(WatchedInbox inbox)
    {
        inbox.RefreshStarts();
        try
        {
            if (inbox.HasReaders) await Renew(inbox);
            else await End(inbox);
        }
        catch (Exception failure)
        {
            context.LogUnreachable(inbox.Key, failure);
            if (!inbox.HasReaders && inboxes.TryRetire(inbox)) return; // the lease expires by itself
            _failed.Enqueue((inbox, context.Time.GetTimestamp()));
        }
    }

    private async Task Renew(WatchedInbox inbox)
    {
        var before = inbox.Position;
        inbox.Reconcile(await context.Watch(inbox.Key), before);
    }

    private async Task End(WatchedInbox inbox)
    {
        await context.Unwatch(inbox.Key);
        if (!inboxes.TryRetire(inbox)) Refresh(inbox); // a reader came meanwhile, and we may have ended its lease
    }
}
