using OrleansInbox.Fanout;
namespace OrleansInbox.ClientApi.Live;

/// <summary>
/// Writes to our own mailbox and waits for it to come back. One silence: look for gaps in all inboxes. Two: open the mailbox afresh, and look again.
/// </summary>
internal sealed partial class MailboxProbe(FrontEnd frontEnd, IMailbox mailbox, Action<InboxEvents> arrived, Leases leases)
{
    private long _sent;
    private long _back;
    private int _silences;
    private bool _isOpen;
    private int _busy;
    private ITimer? _timer;

    public async Task Start()
    {
        await Open();
        _timer = frontEnd.Time.CreateTimer(_ => _ = Tick(), null, frontEnd.Options.Probe, frontEnd.Options.Probe);
    }

    public void Stop() => _timer?.Dispose();

    public void Back(long number) => Volatile.Write(ref _back, number);

    /// <summary>What was sent the last time has to be back by now.</summary>
    private async Task Tick()
    {
        if (Interlocked.Exchange(ref _busy, 1) == 1) return;
        try
        {
            if (_isOpen && Volatile.Read(ref _back) == _sent) _silences = 0;
            else await Silence();
            await mailbox.Post(new InboxEvents { Events = [], Probe = ++_sent });
        }
        catch (Exception failure)
        {
            if (_silences <= 1) NotPosted(frontEnd.Logger, failure); // once per episode; that nothing comes back is seen the next time
        }
        finally
        {
            Volatile.Write(ref _busy, 0);
        }
    }

    private async Task Silence()
    {
        _silences++;
        if (_silences > 1 || !_isOpen)
        {
            Silent(frontEnd.Logger, _silences);
            await Open();
        }
        leases.LookAtAll();
    }

    private async Task Open()
    {
        try
        {
            _isOpen = false;
            await mailbox.Open(frontEnd.Id, arrived);
            _isOpen = true;
        }
        catch (Exception failure) // until it opens, renewals find what is new
        {
            NotOpened(frontEnd.Logger, failure);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Events do not come through to this front-end ({Silences} probes lost); it subscribes again.")]
    private static partial void Silent(ILogger logger, int silences);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The probe could not be sent.")]
    private static partial void NotPosted(ILogger logger, Exception failure);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The stream of events could not be subscribed; it is tried again.")]
    private static partial void NotOpened(ILogger logger, Exception failure);
}
