namespace OrleansInbox.ClientApi.Live;

/// <summary>One timer for all connections: each visit is for one slice of the inboxes.</summary>
internal sealed class Heartbeats(LiveContext frontEnd, WatchedInboxes inboxes)
{
    private long _visits;
    private ITimer? _timer;

    public void Start()
    {
        var pace = frontEnd.Options.Heartbeat / WatchedInboxes.Slices;
        _timer = frontEnd.Time.CreateTimer(_ => Visit(), null, pace, pace);
    }

    public void Stop() => _timer?.Dispose();

    private void Visit()
    {
        foreach (var inbox in inboxes.Slice(Interlocked.Increment(ref _visits))) inbox.Beat();
    }
}
