using System.Diagnostics;
using Orleans;
using OrleansInbox.Fanout;
using OrleansInbox.Telemetry;

namespace OrleansInbox.ClientApi.Live;

/// <summary>The live connections of this front-end: event streams and long polls. Exactly once and in order for each, whatever the fan-out loses.</summary>
public sealed class LiveInboxes : IHostedService
{
    private readonly LiveContext _context;
    private readonly WatchedInboxes _inboxes;
    private readonly Leases _leases;
    private readonly Heartbeats _heartbeats;
    private readonly FanoutSubscription _subscription;
    private readonly CancellationTokenRegistration _stopping;

    public LiveInboxes(InboxGrains grains, ClusterLink link, IFanoutConsumer consumer, LiveOptions options, TimeProvider time, InboxMetrics metrics,
        IHostApplicationLifetime lifetime, ILogger<LiveInboxes> logger)
        : this(key => ReachedInbox(grains, link, key), consumer, options, time, metrics, logger, lifetime.ApplicationStopping) =>
        link.Changed += _leases.RefreshAll; // who watched inboxes there watches them no more

    internal LiveInboxes(Func<string, IInboxGrain> grains, IFanoutConsumer consumer, LiveOptions options, TimeProvider time, InboxMetrics metrics,
        ILogger logger, CancellationToken stopping)
    {
        _subscription = new FanoutSubscription(consumer, options, time, logger);
        _context = new LiveContext(grains, _subscription, options, time, metrics, logger);
        _inboxes = new WatchedInboxes(_context);
        _leases = new Leases(_context, _inboxes);
        _heartbeats = new Heartbeats(_context, _inboxes);
        _stopping = stopping.Register(Close); // before the server stops and waits for its requests
    }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _leases.Start();
        _heartbeats.Start();
        await _subscription.Start(Received, _leases.RefreshAll);
    }

    /// <summary>Answers the request with the inbox's events until the client goes, its credentials expire or the server stops.</summary>
    /// <param name="http">The response has not started.</param>
    /// <param name="inboxKey">Whose; the caller has checked that it may be read.</param>
    /// <param name="lastEventId">What came after is replayed first; null starts with what comes.</param>
    /// <param name="until">When the caller's credentials expire: the stream ends cleanly. Null: never.</param>
    /// <exception cref="TooManyConnectionsException">The user has too many already: 429.</exception>
    public Task Stream(HttpContext http, string inboxKey, NotificationId? lastEventId, DateTimeOffset? until)
    {
        var connection = new LiveConnection(_context, http, lastEventId, until);
        return _inboxes.Join(inboxKey, connection) is null ? throw new TooManyConnectionsException() : connection.Run();
    }

    /// <summary>A long poll's waiting.</summary>
    /// <param name="inboxKey">Whose; the caller has checked that it may be read.</param>
    /// <param name="after">What is newer ends the waiting.</param>
    /// <param name="wait">How long at most.</param>
    /// <param name="until">When the caller's credentials expire: time is up then, too. Null: never.</param>
    /// <param name="ct">The client has gone.</param>
    /// <returns>True: look again, something newer is there; false: time is up, or the server stops.</returns>
    /// <exception cref="TooManyConnectionsException">The user has too many already: 429.</exception>
    /// <exception cref="StorageUnavailableException">The inbox cannot be reached.</exception>
    /// <exception cref="TimeoutException">It did not answer.</exception>
    public async Task<bool> WaitForNewer(string inboxKey, NotificationId after, TimeSpan wait, DateTimeOffset? until, CancellationToken ct)
    {
        if (until - _context.Time.GetUtcNow() is { } left && left < wait) wait = left;
        var inbox = _inboxes.Join(inboxKey, connection: null) ?? throw new TooManyConnectionsException();
        try
        {
            var before = inbox.Position;
            var now = await _context.Watch(inboxKey);
            if (now.Head > after) return true;
            inbox.Reconcile(now, before);
            return await WaitForNewer(inbox, after, wait, ct);
        }
        finally
        {
            inbox.Leave(connection: null);
        }
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        Close();
        await _stopping.DisposeAsync();
        _heartbeats.Stop();
        await _leases.Stop().WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _subscription.Stop(cancellationToken);
    }

    private async Task<bool> WaitForNewer(WatchedInbox inbox, NotificationId after, TimeSpan wait, CancellationToken ct)
    {
        var started = _context.Time.GetTimestamp();
        while (!_context.Stopping && inbox.NewerThan(after) is { } newer)
        {
            var left = wait - _context.Time.GetElapsedTime(started);
            if (left <= TimeSpan.Zero || !await Completes(newer, left, ct)) return false;
        }
        return !_context.Stopping;
    }

    private async Task<bool> Completes(Task task, TimeSpan within, CancellationToken ct)
    {
        try
        {
            await task.WaitAsync(within, _context.Time, ct);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private static IInboxGrain ReachedInbox(InboxGrains grains, ClusterLink link, string key)
    {
        link.ThrowIfUnreached();
        return grains.Get(key);
    }

    private void Received(InboxEvents batch)
    {
        foreach (var arrived in batch.Events)
        {
            if (_inboxes.Find(arrived.Inbox) is not { } inbox) continue; // nobody reads it any more; its lease expires
            if (arrived.Kind == InboxEventKind.Moved) _leases.Refresh(inbox);
            else Deliver(inbox, arrived);
        }
        foreach (var missed in batch.Missed)
            if (_inboxes.Find(missed) is { } inbox) _leases.Refresh(inbox);
    }

    private void Deliver(WatchedInbox inbox, InboxEvent arrived)
    {
        using var trace = arrived.TraceParent is { } parent && InboxMetrics.Source.HasListeners() && ActivityContext.TryParse(parent, null, out var publish)
            ? InboxMetrics.Source.StartActivity("inbox.deliver", ActivityKind.Consumer, default(ActivityContext), links: [new ActivityLink(publish)])
            : null;
        var connections = inbox.Receive(arrived);
        trace?.SetTag("inbox.connections", connections);
        if (connections > 0 && arrived.Kind == InboxEventKind.Added) _context.Metrics.Delivered(connections, _context.Since(arrived.AppendedAt));
    }

    private void Close()
    {
        _context.Stopping = true;
        foreach (var inbox in _inboxes.All) inbox.Close();
    }
}
