using System.Diagnostics;
using Orleans;
using OrleansInbox.Fanout;
using OrleansInbox.Telemetry;

namespace OrleansInbox.ClientApi.Live;

/// <summary>The live connections of this front-end: event streams and long polls. Exactly once and in order for each, whatever the messenger does.</summary>
public sealed class LiveInboxes : IHostedService
{
    private readonly LiveContext _frontEnd;
    private readonly IFanoutConsumer _mailbox;
    private readonly WatchedInboxes _inboxes;
    private readonly Leases _leases;
    private readonly Heartbeats _heartbeats;
    private readonly FanoutSubscription _probe;
    private readonly CancellationTokenRegistration _stopping;

    public LiveInboxes(InboxGrains grains, ClusterLink link, IFanoutConsumer mailbox, LiveOptions options, TimeProvider time, InboxMetrics metrics,
        IHostApplicationLifetime lifetime, ILogger<LiveInboxes> logger)
        : this(key => Reached(grains, link, key), mailbox, options, time, metrics, logger, lifetime.ApplicationStopping) =>
        link.Changed += _leases.LookAtAll; // who watched inboxes there watches them no more

    internal LiveInboxes(Func<string, IInboxGrain> grains, IFanoutConsumer mailbox, LiveOptions options, TimeProvider time, InboxMetrics metrics,
        ILogger logger, CancellationToken stopping)
    {
        _frontEnd = new LiveContext(grains, mailbox, options, time, metrics, logger);
        _mailbox = mailbox;
        _inboxes = new WatchedInboxes(_frontEnd);
        _leases = new Leases(_frontEnd, _inboxes);
        _heartbeats = new Heartbeats(_frontEnd, _inboxes);
        _probe = new FanoutSubscription(_frontEnd, mailbox, Arrived, _leases);
        _stopping = stopping.Register(Close); // before the server stops and waits for its requests
    }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _leases.Start();
        _heartbeats.Start();
        await _probe.Start();
    }

    /// <summary>Answers the request with the inbox's events until the client goes or the server stops.</summary>
    /// <param name="http">The response has not started.</param>
    /// <param name="inboxKey">Whose; the caller has checked that it may be read.</param>
    /// <param name="lastEventId">What came after is replayed first; null starts with what comes.</param>
    /// <exception cref="TooManyConnectionsException">The user has too many already: 429.</exception>
    public Task Stream(HttpContext http, string inboxKey, NotificationId? lastEventId)
    {
        var connection = new LiveConnection(_frontEnd, http, lastEventId);
        return _inboxes.Join(inboxKey, connection) is null ? throw new TooManyConnectionsException() : connection.Run();
    }

    /// <summary>A long poll's waiting.</summary>
    /// <returns>True: look again, something newer is there; false: time is up, or the server stops.</returns>
    /// <exception cref="TooManyConnectionsException">The user has too many already: 429.</exception>
    /// <exception cref="StorageUnavailableException">The inbox cannot be asked.</exception>
    public async Task<bool> WaitForNewer(string inboxKey, NotificationId after, TimeSpan wait, CancellationToken ct)
    {
        var inbox = _inboxes.Join(inboxKey, connection: null) ?? throw new TooManyConnectionsException();
        try
        {
            var before = inbox.Reached;
            var now = await _frontEnd.Inbox(inboxKey).Watch(_frontEnd.Id);
            if (now.Head > after) return true;
            inbox.Compare(now, before);
            var started = _frontEnd.Time.GetTimestamp();
            while (!_frontEnd.Stopping && inbox.Newer(after) is { } newer)
            {
                var left = wait - _frontEnd.Time.GetElapsedTime(started);
                if (left <= TimeSpan.Zero) return false;
                await newer.WaitAsync(left, _frontEnd.Time, ct);
            }
            return !_frontEnd.Stopping;
        }
        catch (TimeoutException)
        {
            return false;
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
        _probe.Stop();
        await _leases.Stop().WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _mailbox.Close().WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private static IInboxGrain Reached(InboxGrains grains, ClusterLink link, string key)
    {
        link.ThrowIfUnreached();
        return grains.Get(key);
    }

    private void Arrived(InboxEvents batch)
    {
        if (batch.Probe != 0) _probe.Back();
        foreach (var arrived in batch.Events)
        {
            if (_inboxes.Find(arrived.Inbox) is not { } inbox) continue; // a lease that is running out
            if (arrived.Kind == InboxEventKind.Moved) _leases.LookAt(inbox);
            else HandOn(inbox, arrived);
        }
        foreach (var missed in batch.Missed)
            if (_inboxes.Find(missed) is { } inbox) _leases.LookAt(inbox);
    }

    private void HandOn(WatchedInbox inbox, InboxEvent arrived)
    {
        using var trace = arrived.TraceParent is { } parent && InboxMetrics.Source.HasListeners() && ActivityContext.TryParse(parent, null, out var publish)
            ? InboxMetrics.Source.StartActivity("inbox.deliver", ActivityKind.Consumer, default(ActivityContext), links: [new ActivityLink(publish)])
            : null;
        var connections = inbox.Take(arrived);
        trace?.SetTag("inbox.connections", connections);
        if (connections > 0 && arrived.Kind == InboxEventKind.Added) _frontEnd.Metrics.Delivered(connections, _frontEnd.Since(arrived.AppendedAt));
    }

    private void Close()
    {
        _frontEnd.Stopping = true;
        foreach (var inbox in _inboxes.All) inbox.Close();
    }
}
