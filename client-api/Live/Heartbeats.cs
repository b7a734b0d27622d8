namespace OrleansInbox.ClientApi.Live;

/// <summary>A comment line now and then keeps each connection open.</summary>
internal sealed class Heartbeats(LiveContext context, WatchedInboxes inboxes)
{
    private ITimer? _timer;

    public void Start() => _timer = SliceTimer.Start(inboxes, context.Options.Heartbeat, context.Time, static slice =>
    {
        foreach (var inbox in slice) inbox.Heartbeat();
    });

    public void Stop() => _timer?.Dispose();
}
