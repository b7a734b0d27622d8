namespace OrleansInbox.ClientApi.Live;

/// <summary>
/// One user's inbox on this front-end: up to which position its events were delivered, and who reads them. It delivers events in order and without holes,
/// or marks its connections as behind; each of those then replays what it missed, from its own cursor and at its own pace.
/// </summary>
/// <remarks>
/// The rule that makes it exact: what a connection queues are all the frames since it began its replay, up to this position. Whoever moves
/// <see cref="_position"/> otherwise than by the next event marks every connection as behind. Positions and deliveries are therefore under one lock,
/// the object itself (see <see cref="LiveConnection"/> for the reason and the lock order); it is never held while waiting.
/// </remarks>
internal sealed class WatchedInbox(string key, LiveContext context)
{
    private LivePosition _position;
    private bool _isPositionKnown;
    private bool _isRetired;
    private bool _isRefreshQueued;
    private int _readers;
    private LiveConnection? _connections;
    private TaskCompletionSource? _newer;

    public string Key { get; } = key;

    /// <param name="connection">Null for a long poll.</param>
    public JoinResult Join(LiveConnection? connection)
    {
        lock (this)
        {
            if (_isRetired) return JoinResult.Retired;
            if (_readers >= context.Options.ConnectionsPerUser) return JoinResult.Full;
            _readers++;
            if (connection is null) return JoinResult.Joined;
            connection.Inbox = this;
            connection.Next = _connections;
            _connections = connection;
            if (context.Stopping) connection.Close();
            return JoinResult.Joined;
        }
    }

    public void Leave(LiveConnection? connection)
    {
        lock (this)
        {
            _readers--;
            if (connection is null) return;
            if (_connections == connection) _connections = connection.Next;
            for (var other = _connections; other is not null; other = other.Next)
                if (other.Next == connection) other.Next = connection.Next;
        }
    }

    /// <returns>How many connections were handed the event.</returns>
    public int Receive(InboxEvent arrived)
    {
        lock (this)
        {
            var next = arrived.Kind switch
            {
                InboxEventKind.Added => _position with { Id = arrived.Id },
                InboxEventKind.Reset => new LivePosition(arrived.Id, arrived.MarksVersion),
                _ => _position with { Marks = arrived.MarksVersion },
            };
            if (!_isPositionKnown)
            {
                MarkBehind(reset: false);
                return 0;
            }
            if (!next.IsAheadOf(_position)) return 0; // a duplicate, or replayed already
            var follows = arrived.Kind switch
            {
                InboxEventKind.Added => LivePosition.Follows(next.Id, _position.Id),
                InboxEventKind.Reset => false,
                _ => next.Marks == _position.Marks + 1,
            };
            _position = next;
            if (arrived.Kind is InboxEventKind.Added or InboxEventKind.Reset) WakePolls();
            if (follows) return Deliver(arrived);
            MarkBehind(arrived.Kind == InboxEventKind.Reset);
            return 0;
        }
    }

    /// <summary>To be read before the grain is asked for its position, and handed to <see cref="Reconcile"/> with the answer.</summary>
    public LivePosition Position
    {
        get { lock (this) return _position; }
    }

    /// <summary>Compares the grain's position with ours: what the grain has and we have not was lost on its way.</summary>
    /// <param name="now">The grain's answer.</param>
    /// <param name="before">Our position before the grain was asked. When the answer is behind it, the inbox itself was set back.</param>
    /// <param name="asker">The connection that asked and starts from the answer, if one did.</param>
    public void Reconcile(InboxPosition now, LivePosition before, LiveConnection? asker = null)
    {
        lock (this)
        {
            var there = LivePosition.Of(now);
            var setBack = _isPositionKnown && before == _position && before.IsAheadOf(there);
            // A connection may ask while the last event is still on its way: no reason for the others to replay.
            if (_isPositionKnown && !setBack && (asker is not null || !there.IsAheadOf(_position))) return;
            _position = setBack || !_isPositionKnown ? there : new LivePosition(Max(there.Id, _position.Id), Math.Max(there.Marks, _position.Marks));
            MarkBehind(reset: false, except: _isPositionKnown ? null : asker); // the first asker starts from exactly this position
            _isPositionKnown = true;
            WakePolls();
        }
    }

    /// <returns>Null when something newer is there, else what completes when something has come.</returns>
    public Task? NewerThan(NotificationId after)
    {
        lock (this)
        {
            if (_position.Id > after) return null;
            _newer ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _newer.Task;
        }
    }

    public void Heartbeat()
    {
        lock (this)
            for (var connection = _connections; connection is not null; connection = connection.Next) connection.Heartbeat();
    }

    public void Close()
    {
        lock (this)
        {
            for (var connection = _connections; connection is not null; connection = connection.Next) connection.Close();
            WakePolls();
        }
    }

    /// <returns>False when a refresh is queued already.</returns>
    public bool TryQueueRefresh() => !Interlocked.Exchange(ref _isRefreshQueued, true);

    public void RefreshStarts() => Volatile.Write(ref _isRefreshQueued, false);

    public bool HasReaders
    {
        get { lock (this) return _readers > 0; }
    }

    /// <returns>False when a reader has come meanwhile.</returns>
    public bool TryRetire()
    {
        lock (this) return _isRetired = _readers == 0;
    }

    private int Deliver(InboxEvent arrived)
    {
        if (_connections is null) return 0;
        var frame = SseFrame.Of(arrived);
        var count = 0;
        for (var connection = _connections; connection is not null; connection = connection.Next)
            if (connection.Enqueue(frame)) count++;
        return count;
    }

    private void MarkBehind(bool reset, LiveConnection? except = null)
    {
        for (var connection = _connections; connection is not null; connection = connection.Next)
            if (connection != except) connection.FallBehind(reset);
    }

    private void WakePolls()
    {
        _newer?.TrySetResult();
        _newer = null;
    }

    private static NotificationId Max(NotificationId a, NotificationId b) => a > b ? a : b;
}
