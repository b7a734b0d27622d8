using OrleansInbox.Fanout;

namespace OrleansInbox.ClientApi.Live;

/// <summary>
/// The front-end's subscription to the events of its inboxes. It is the only one that opens, probes and closes the fan-out's consumer.
/// Every interval it sends itself a probe. Lost probes mean lost events: first the owner is told, then the front-end subscribes again.
/// </summary>
/// <remarks>
/// Nothing here waits for a call to end before the next is made, because calls to a silo that just died hang for as long as Orleans lets them.
/// A probe counts as lost when the next is due. An attempt to subscribe is given up after <see cref="LiveOptions.CallTimeout"/>, and made again at the next interval.
/// </remarks>
internal sealed partial class FanoutSubscription(IFanoutConsumer consumer, LiveOptions options, TimeProvider time, ILogger logger)
{
    private Action<InboxEvents> _received = static _ => { };
    private Action _interrupted = static () => { };
    private long _sent;
    private int _lost;
    private bool _probeReturned = true;
    private volatile bool _isOpen;
    private bool _isOpening;
    private bool _failureLogged;
    private ITimer? _timer;

    /// <summary>A new name for each start: leases and queues of the process before expire by themselves.</summary>
    public string FrontEndId { get; } = Guid.NewGuid().ToString("N");

    /// <param name="received">Is handed each batch of events.</param>
    /// <param name="interrupted">Events may have been lost: positions have to be compared.</param>
    public async Task Start(Action<InboxEvents> received, Action interrupted)
    {
        (_received, _interrupted) = (received, interrupted);
        await TrySubscribe();
        _timer = time.CreateTimer(_ => Tick(), null, options.Probe, options.Probe);
    }

    public async Task Stop(CancellationToken ct)
    {
        _timer?.Dispose();
        await consumer.Close().WaitAsync(ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private void Tick()
    {
        var lost = Interlocked.Exchange(ref _probeReturned, false) ? _lost = 0 : Interlocked.Increment(ref _lost);
        var isDead = lost > 0 && lost % options.ResubscribeAfterLost == 0;
        if (isDead && _isOpen) LogLost(logger, lost);
        if (isDead || !_isOpen) _ = TrySubscribe();
        if (!isDead && lost > 0 && lost % options.RefreshAfterLost == 0) _interrupted();
        _ = SendProbe();
    }

    private void Receive(InboxEvents batch)
    {
        if (batch.Probe != 0) Volatile.Write(ref _probeReturned, true);
        _received(batch);
    }

    private async Task SendProbe()
    {
        try
        {
            await consumer.Post(new InboxEvents { Events = [], Probe = Interlocked.Increment(ref _sent) }).WaitAsync(options.CallTimeout, time);
        }
        catch (Exception failure) // the probe is lost, which the next tick sees
        {
            LogNotSent(logger, failure);
        }
    }

    /// <summary>At most one attempt in <see cref="LiveOptions.CallTimeout"/>; one that hangs is left to itself.</summary>
    private async Task TrySubscribe()
    {
        if (Interlocked.Exchange(ref _isOpening, true)) return;
        try
        {
            await Subscribe().WaitAsync(options.CallTimeout, time);
        }
        catch (TimeoutException late)
        {
            LogFailure(late);
        }
        finally
        {
            Volatile.Write(ref _isOpening, false);
        }
    }

    /// <summary>An attempt that was given up may succeed later, and replace the subscription of another: positions are compared after each.</summary>
    private async Task Subscribe()
    {
        try
        {
            await consumer.Open(FrontEndId, Receive);
        }
        catch (Exception failure)
        {
            LogFailure(failure);
            return;
        }
        (_isOpen, _lost, _failureLogged) = (true, 0, false);
        _interrupted();
    }

    private void LogFailure(Exception failure)
    {
        _isOpen = false;
        LogNotSubscribed(logger, _failureLogged ? LogLevel.Debug : LogLevel.Warning, failure); // one warning per episode
        _failureLogged = true;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Events do not come through to this front-end ({Lost} probes lost); it subscribes again.")]
    private static partial void LogLost(ILogger logger, int lost);

    [LoggerMessage(Level = LogLevel.Debug, Message = "A probe could not be sent.")]
    private static partial void LogNotSent(ILogger logger, Exception failure);

    [LoggerMessage(Message = "This front-end could not subscribe to events; it tries again. Until then it finds new events when it renews leases.")]
    private static partial void LogNotSubscribed(ILogger logger, LogLevel level, Exception failure);
}
