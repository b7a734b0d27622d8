using System.Threading.Tasks.Sources;

namespace OrleansInbox.ClientApi.Live;

/// <summary>The half of a connection that its inbox works with, under the inbox's lock.</summary>
internal sealed partial class LiveConnection : IValueTaskSource
{
    private enum Mode : byte
    {
        /// <summary>Something was missed that has to be read back; nothing is queued.</summary>
        Behind,

        /// <summary>Reading back; what comes meanwhile is queued, and when that is too much we are behind again.</summary>
        Gathering,

        /// <summary>What comes is written as it comes. When the queue is full, the reader is cut off.</summary>
        Live,
        Closing,
        Over,
    }

    // One waiting frame needs no list: most connections are idle most of the time, and there are many of them.
    private SseFrame? _first;
    private List<SseFrame>? _more;
    private ManualResetValueTaskSourceCore<bool> _signal = new() { RunContinuationsAsynchronously = true };
    private Mode _mode;
    private bool _beat;
    private bool _reset;
    private bool _waits;

    public WatchedInbox Inbox { get; set; } = null!;

    /// <summary>The next connection of the same inbox.</summary>
    public LiveConnection? Next { get; set; }

    public bool IsBehind => _mode == Mode.Behind;

    private bool IsOver => _mode >= Mode.Closing;

    public bool Enqueue(SseFrame frame)
    {
        if (_mode is not (Mode.Live or Mode.Gathering)) return false;
        if (_first is null) _first = frame;
        else if ((_more ??= []).Count + 1 < _frontEnd.Options.QueuePerConnection) _more.Add(frame);
        else
        {
            Overflow();
            return false;
        }
        if (_mode == Mode.Live) Wake();
        return true;
    }

    public void Gather()
    {
        if (_mode == Mode.Behind) _mode = Mode.Gathering;
    }

    public void FallBehind(bool reset)
    {
        _reset |= reset;
        if (IsOver) return;
        Drop();
        var waitsForEvents = _mode == Mode.Live;
        _mode = Mode.Behind;
        if (waitsForEvents) Wake();
    }

    public void Beat()
    {
        _beat = true;
        Wake();
    }

    /// <summary>The server stops.</summary>
    public void Close()
    {
        if (IsOver) return;
        if (_mode != Mode.Live) Drop(); // there is a hole before what is queued
        _mode = Mode.Closing;
        Wake();
    }

    /// <summary>The client has gone, or we are through.</summary>
    public void End()
    {
        _mode = Mode.Over;
        Drop();
        Wake();
    }

    public NextStep Decide()
    {
        if (_mode == Mode.Gathering) _mode = Mode.Live; // whoever asks has read back
        if (_first is not null || (_beat && _mode == Mode.Live)) return NextStep.Write;
        switch (_mode)
        {
            case Mode.Behind: return NextStep.CatchUp;
            case Mode.Closing: return NextStep.Close;
            case Mode.Over: return NextStep.Leave;
            default: // live, and no beat is due
                Arm();
                return NextStep.Wait;
        }
    }

    public Queued Dequeue()
    {
        var queued = new Queued(_first, _more, _beat);
        Drop();
        _beat = false;
        return queued;
    }

    public bool TakeReset() => TakeFlag(ref _reset);
    public bool TakeBeat() => TakeFlag(ref _beat);

    /// <returns>False when there is no reason to wait.</returns>
    public bool Arm()
    {
        if (IsOver || _beat) return false;
        _signal.Reset();
        return _waits = true;
    }

    public void Wake()
    {
        if (!_waits) return;
        _waits = false;
        _signal.SetResult(true);
    }

    /// <summary>Ends at the next <see cref="Wake"/>; to be awaited once after each <see cref="Arm"/>.</summary>
    private ValueTask Woken() => new(this, _signal.Version);

    private void Overflow()
    {
        Drop();
        if (_mode == Mode.Gathering)
        {
            _mode = Mode.Behind;
            return;
        }
        _mode = Mode.Over;
        _frontEnd.Metrics.CutOff();
        CutOff(_frontEnd.Logger, Inbox.Key, _frontEnd.Options.QueuePerConnection);
        _http.Abort(); // here, because under the lock it is certainly still our request
        Wake();
    }

    private static bool TakeFlag(ref bool flag)
    {
        var was = flag;
        flag = false;
        return was;
    }

    private void Drop()
    {
        _first = null;
        _more = null;
    }

    void IValueTaskSource.GetResult(short token) => _signal.GetResult(token);
    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _signal.GetStatus(token);
    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _signal.OnCompleted(continuation, state, token, flags);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A reader of {Inbox} was cut off: {Count} events were waiting for it. It can resume where it was.")]
    private static partial void CutOff(ILogger logger, string inbox, int count);
}
