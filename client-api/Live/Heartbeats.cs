namespace OrleansInbox.ClientApi.Live;

/// <summary>One timer for all connections: each tick visits one slice of the inboxes.</summary>
internal sealed class Heartbeats(LiveContext context, WatchedInboxes inboxes)
{
    private long _visits;
    private ITimer? _timer;

    public void Start()
    {
        var pace = context.Options.Heartbeat / WatchedInboxes.Slices;
        _timer = context.Time.CreateTimer(_ => Visit(), null, pace, pace);
    }

    public void Stop() => _timer?.Dispose();

    private void Visit()
    {
        foreach (var inbox in inboxes.Slice(Interlocked.Increment(ref _visits))) inbox.Heartbeat();
    }
}
