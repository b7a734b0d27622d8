using System.Threading.Tasks.Sources;

namespace OrleansInbox.ClientApi.Live;

/// <summary>
/// The state of a connection that other threads change: its inbox hands it frames, heartbeats and timers wake it, the end of the request ends it.
/// It is under the connection's own lock. Lock order: an inbox calls its connections while it holds its lock; a connection holds no lock when it calls its inbox.
/// </summary>
/// <remarks>The lock is the object itself, which only this folder sees: a <see cref="Lock"/> would add 40 bytes to each idle connection.</remarks>
internal sealed partial class LiveConnection : IValueTaskSource
{
    private enum Mode : byte
    {
        /// <summary>Something was missed and has to be replayed from the log; nothing is queued.</summary>
        Behind,

        /// <summary>The log is being replayed; new frames are queued. When the queue is full, they are dropped and the connection is behind again.</summary>
        Replaying,

        /// <summary>Frames are written as they come. When the queue is full, the connection is cut off.</summary>
        Live,

        /// <summary>What is queued goes out, then the stream ends.</summary>
        Closing,
        Closed,
    }

    // A single queued frame needs no collection: most connections are idle most of the time, and there are many of them.
    private SseFrame? _first;
    private Queue<SseFrame>? _more;
    private int _queuedBytes;
    private ManualResetValueTaskSourceCore<bool> _signal = new() { RunContinuationsAsynchronously = true };
    private readonly long _endsAt; // in ticks of UTC
    private ITimer? _endTimer;
    private Mode _mode;
    private bool _heartbeatDue;
    private bool _resetDue;
    private bool _isWaiting;

    /// <summary>Set by the inbox when the connection joins, and read-only from then on.</summary>
    public WatchedInbox Inbox { get; set; } = null!;

    /// <summary>The next connection of the same inbox; under the inbox's lock.</summary>
    public LiveConnection? Next { get; set; }

    private bool IsEnding => _mode >= Mode.Closing;

    /// <returns>False when the frame was not queued: the connection is behind, or over.</returns>
    public bool Enqueue(SseFrame frame)
    {
        lock (this)
        {
            if (_mode is not (Mode.Live or Mode.Replaying)) return false;
            if (_first is not null && IsFullFor(frame))
            {
                Overflow();
                return false;
            }
            if (_first is null) _first = frame;
            else (_more ??= new()).Enqueue(frame);
            _queuedBytes += frame.Bytes.Length;
            if (_mode == Mode.Live) Signal();
            return true;
        }
    }

    /// <summary>Frames were missed: what is queued is dropped, and the connection replays from its own cursor.</summary>
    /// <param name="reset">The client has to reload.</param>
    public void FallBehind(bool reset)
    {
        lock (this)
        {
            _resetDue |= reset;
            if (IsEnding) return;
            DropQueue();
            var waitsForFrames = _mode == Mode.Live;
            _mode = Mode.Behind;
            if (waitsForFrames) Signal();
        }
    }

    public void Heartbeat()
    {
        lock (this)
        {
            _heartbeatDue = true;
            ScheduleEnd();
            Signal();
        }
    }

    /// <summary>Ends the stream cleanly: what is queued without a hole goes out first.</summary>
    public void Close()
    {
        lock (this)
        {
            if (IsEnding) return;
            if (_mode != Mode.Live) DropQueue(); // the replay before it is not complete
            _mode = Mode.Closing;
            Signal();
        }
    }

    /// <summary>Nothing more is written: the client has gone, or the loop has ended.</summary>
    private void End()
    {
        lock (this)
        {
            _mode = Mode.Closed;
            _endTimer?.Dispose();
            DropQueue();
            Signal();
        }
    }

    /// <summary>Has a timer end the stream at its time, but only when the next two heartbeats may come too late to do it: idle connections have no timer.</summary>
    private void ScheduleEnd()
    {
        lock (this)
        {
            if (_endsAt == long.MaxValue || _endTimer is not null || IsEnding) return;
            var left = TimeSpan.FromTicks(_endsAt - _context.Time.GetUtcNow().UtcTicks);
            if (left <= TimeSpan.Zero) Close();
            else if (left <= 2 * _context.Options.Heartbeat)
                _endTimer = _context.Time.CreateTimer(static state => ((LiveConnection)state!).Close(), this, left, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>From here on the queue has no holes, unless the connection falls behind again. To be called before the log is read.</summary>
    private void BeginReplay()
    {
        lock (this)
            if (_mode == Mode.Behind) _mode = Mode.Replaying;
    }

    /// <summary>What the loop does next; after <see cref="ConnectionStep.Wait"/> it awaits <see cref="Signalled"/>.</summary>
    private ConnectionStep NextStep()
    {
        lock (this)
        {
            if (_mode == Mode.Replaying) _mode = Mode.Live; // the loop asks when it has replayed everything
            if (_first is not null || (_heartbeatDue && _mode == Mode.Live)) return ConnectionStep.Write;
            switch (_mode)
            {
                case Mode.Behind: return ConnectionStep.Replay;
                case Mode.Closing: return ConnectionStep.SayGoodbye;
                case Mode.Closed: return ConnectionStep.Leave;
                default: // live, and no heartbeat is due
                    PrepareToWait();
                    return ConnectionStep.Wait;
            }
        }
    }

    private SseFrame? Dequeue()
    {
        lock (this)
        {
            if (_first is not { } frame) return null;
            _queuedBytes -= frame.Bytes.Length;
            if (_more is null || !_more.TryDequeue(out _first)) (_first, _more) = (null, null);
            return frame;
        }
    }

    private bool TakeResetDue()
    {
        lock (this) return Take(ref _resetDue);
    }

    private bool TakeHeartbeatDue()
    {
        lock (this) return Take(ref _heartbeatDue);
    }

    /// <returns>False when there is no reason to wait: a heartbeat is due, or the connection ends.</returns>
    private bool TryPrepareToWait()
    {
        lock (this)
        {
            if (IsEnding || _heartbeatDue) return false;
            PrepareToWait();
            return true;
        }
    }

    private void Wake()
    {
        lock (this) Signal();
    }

    /// <summary>Completes at the next signal; to be awaited once after each preparation.</summary>
    private ValueTask Signalled() => new(this, _signal.Version);

    private void PrepareToWait()
    {
        _signal.Reset();
        _isWaiting = true;
    }

    private void Signal()
    {
        if (!_isWaiting) return;
        _isWaiting = false;
        _signal.SetResult(true);
    }

    private bool IsFullFor(SseFrame frame) =>
        1 + (_more?.Count ?? 0) >= _context.Options.QueuePerConnection || _queuedBytes + frame.Bytes.Length > _context.Options.QueuedBytesPerUser;

    private void Overflow()
    {
        if (_mode == Mode.Live) CutOff("its queue is full");
        else
        {
            DropQueue();
            _mode = Mode.Behind;
        }
    }

    private void FlushTimedOut()
    {
        lock (this)
            if (_mode != Mode.Closed) CutOff("it has not read for too long");
    }

    private void CutOff(string reason)
    {
        _mode = Mode.Closed;
        DropQueue();
        _context.Metrics.CutOff();
        LogCutOff(_context.Logger, Inbox.Key, reason);
        _http.Abort(); // under the lock, because the request is certainly ours until End
        Signal();
    }

    private static bool Take(ref bool flag)
    {
        var was = flag;
        flag = false;
        return was;
    }

    private void DropQueue()
    {
        _first = null;
        _more = null;
        _queuedBytes = 0;
    }

    void IValueTaskSource.GetResult(short token) => _signal.GetResult(token);
    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _signal.GetStatus(token);
    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _signal.OnCompleted(continuation, state, token, flags);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A reader of {Inbox} was cut off: {Reason}. It can resume where it was.")]
    private static partial void LogCutOff(ILogger logger, string inbox, string reason);
}
