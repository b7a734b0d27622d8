using OrleansInbox.Fanout;

namespace OrleansInbox.ClientApi.Live;

/// <summary>
/// Writes to our own mailbox and hears it come back. Silence: look for gaps in all inboxes. More of it: open the mailbox afresh, and look again.
/// </summary>
/// <remarks>Nothing here waits for what it started: a call to a silo that just died takes seconds, and that is when the silence has to be noticed.</remarks>
internal sealed partial class FanoutSubscription(LiveContext frontEnd, IFanoutConsumer mailbox, Action<InboxEvents> arrived, Leases leases)
{
    private const int _maxUnderWay = 4;

    private long _sent;
    private bool _heard = true;
    private int _silences;
    private volatile bool _isOpen;
    private bool _opening;
    private int _underWay;
    private int _refusals;
    private ITimer? _timer;

    public async Task Start()
    {
        await Open();
        _timer = frontEnd.Time.CreateTimer(_ => Tick(), null, frontEnd.Options.Probe, frontEnd.Options.Probe);
    }

    public void Stop() => _timer?.Dispose();

    public void Back() => Volatile.Write(ref _heard, true);

    /// <summary>Something that was sent before has to be back by now.</summary>
    private void Tick()
    {
        var silences = Interlocked.Exchange(ref _heard, false) ? _silences = 0 : Interlocked.Increment(ref _silences);
        var isDead = silences > 0 && silences % frontEnd.Options.ResubscribeAfterLost == 0;
        if (isDead && _isOpen) Silent(frontEnd.Logger, silences);
        if (isDead || !_isOpen) _ = OpenAndLook();
        else if (silences > 0 && silences % frontEnd.Options.RefreshAfterLost == 0) leases.RefreshAll();
        if (_isOpen && Volatile.Read(ref _underWay) < _maxUnderWay) _ = Post();
    }

    private async Task Post()
    {
        Interlocked.Increment(ref _underWay);
        try
        {
            await mailbox.Post(new InboxEvents { Events = [], Probe = Interlocked.Increment(ref _sent) }).WaitAsync(frontEnd.Options.CallTimeout, frontEnd.Time);
        }
        catch (Exception failure) // that nothing comes back is noticed
        {
            NotPosted(frontEnd.Logger, failure);
        }
        finally
        {
            Interlocked.Decrement(ref _underWay);
        }
    }

    private async Task OpenAndLook()
    {
        if (Interlocked.Exchange(ref _opening, true)) return;
        try
        {
            await Open();
        }
        finally
        {
            Volatile.Write(ref _opening, false);
        }
        leases.RefreshAll();
    }

    private async Task Open()
    {
        try
        {
            await mailbox.Open(frontEnd.Id, arrived);
            _isOpen = true;
            _refusals = 0;
        }
        catch (Exception failure) // until it opens, renewals find what is new
        {
            _isOpen = false;
            NotOpened(frontEnd.Logger, _refusals++ == 0 ? LogLevel.Warning : LogLevel.Debug, failure); // once per episode
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Events do not come through to this front-end ({Silences} probes lost); it subscribes again.")]
    private static partial void Silent(ILogger logger, int silences);

    [LoggerMessage(Level = LogLevel.Debug, Message = "A probe could not be sent.")]
    private static partial void NotPosted(ILogger logger, Exception failure);

    [LoggerMessage(Message = "The mailbox for events could not be opened; it is tried again.")]
    private static partial void NotOpened(ILogger logger, LogLevel level, Exception failure);
}
