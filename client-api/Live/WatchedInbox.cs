namespace OrleansInbox.ClientApi.Live;

/// <summary>
/// One user's inbox on this front-end: how far its events have been handed on, and who reads them. It takes events in order and without holes,
/// or tells its connections that they are behind; each of those then reads back what it misses, from its own cursor and at its own pace.
/// Everything is done under one lock per inbox, none is held while waiting.
/// </summary>
/// <remarks>The rule that makes it exact: what a connection queues are all the frames since it began to gather, up to here. Whoever moves
/// <see cref="_reached"/> otherwise than by the next event marks every connection as behind.</remarks>
internal sealed class WatchedInbox(string key, LiveContext frontEnd)
{
    private readonly Lock _lock = new();
    private LivePosition _reached;
    private bool _known;
    private bool _forgotten;
    private bool _due;
    private int _users;
    private LiveConnection? _connections;
    private TaskCompletionSource? _newer;

    public string Key { get; } = key;

    public JoinResult Join(LiveConnection? connection)
    {
        lock (_lock)
        {
            if (_forgotten) return JoinResult.Gone;
            if (_users >= frontEnd.Options.ConnectionsPerUser) return JoinResult.Full;
            _users++;
            if (connection is null) return JoinResult.Joined;
            connection.Inbox = this;
            connection.Next = _connections;
            _connections = connection;
            if (frontEnd.Stopping) connection.Close();
            return JoinResult.Joined;
        }
    }

    public void Leave(LiveConnection? connection)
    {
        lock (_lock)
        {
            _users--;
            if (connection is null) return;
            connection.End();
            if (_connections == connection) _connections = connection.Next;
            for (var other = _connections; other is not null; other = other.Next)
                if (other.Next == connection) other.Next = connection.Next;
        }
    }

    /// <summary>From here on the connection's queue has no holes, unless it is marked as behind again.</summary>
    public void Gather(LiveConnection connection)
    {
        lock (_lock) connection.Gather();
    }

    /// <summary>What the connection has to do next; when that is to wait, it will be woken.</summary>
    public NextStep Next(LiveConnection connection)
    {
        lock (_lock) return connection.Decide();
    }

    public Queued Dequeue(LiveConnection connection)
    {
        lock (_lock) return connection.Dequeue();
    }

    /// <returns>True when the connection will be woken by what is not an event; false when it is over.</returns>
    public bool Arm(LiveConnection connection)
    {
        lock (_lock) return connection.Arm();
    }

    public bool TakeReset(LiveConnection connection)
    {
        lock (_lock) return connection.TakeReset();
    }

    public bool TakeBeat(LiveConnection connection)
    {
        lock (_lock) return connection.TakeBeat();
    }

    public void Wake(LiveConnection connection)
    {
        lock (_lock) connection.Wake();
    }

    public void End(LiveConnection connection)
    {
        lock (_lock) connection.End();
    }

    /// <returns>How many connections were handed the event.</returns>
    public int Take(InboxEvent arrived)
    {
        lock (_lock)
        {
            var next = arrived.Kind switch
            {
                InboxEventKind.Added => _reached with { Id = arrived.Id },
                InboxEventKind.Reset => new LivePosition(arrived.Id, arrived.MarksVersion),
                _ => _reached with { Marks = arrived.MarksVersion },
            };
            if (!_known)
            {
                Behind(reset: false);
                return 0;
            }
            if (!next.IsAhead(_reached)) return 0; // doubled, or read back already
            var follows = arrived.Kind switch
            {
                InboxEventKind.Added => LivePosition.Follows(next.Id, _reached.Id),
                InboxEventKind.Reset => false,
                _ => next.Marks == _reached.Marks + 1,
            };
            _reached = next;
            if (arrived.Kind is InboxEventKind.Added or InboxEventKind.Reset) WakePolls();
            if (follows) return HandOn(arrived);
            Behind(arrived.Kind == InboxEventKind.Reset);
            return 0;
        }
    }

    /// <summary>Where we are, to be handed to <see cref="Compare"/> with the answer to a question that was asked afterwards.</summary>
    public LivePosition Reached
    {
        get { lock (_lock) return _reached; }
    }

    /// <summary>The grain says where the inbox stands; what we did not hear of was lost on the way.</summary>
    /// <param name="before">Where we were before the grain was asked: to be behind that means that the inbox itself was set back.</param>
    /// <param name="asker">The connection that asked and takes its own place from the answer, if one did.</param>
    /// <param name="now">The grain's answer.</param>
    public void Compare(InboxPosition now, LivePosition before, LiveConnection? asker = null)
    {
        lock (_lock)
        {
            var there = LivePosition.Of(now);
            var setBack = _known && before == _reached && before.IsAhead(there);
            // An asker may come while the last event is still on its way: no reason to have the others read back.
            if (_known && !setBack && (asker is not null || !there.IsAhead(_reached))) return;
            _reached = setBack || !_known ? there : new LivePosition(Max(there.Id, _reached.Id), Math.Max(there.Marks, _reached.Marks));
            var late = asker is { IsBehind: true };
            Behind(reset: false);
            if (asker is not null && !late && !_known) asker.Gather();
            _known = true;
            WakePolls();
        }
    }

    /// <returns>Null when something newer is there, else what ends when something has come.</returns>
    public Task? Newer(NotificationId after)
    {
        lock (_lock)
        {
            if (_reached.Id > after) return null;
            _newer ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _newer.Task;
        }
    }

    public void Beat()
    {
        lock (_lock)
            for (var connection = _connections; connection is not null; connection = connection.Next) connection.Beat();
    }

    public void Close()
    {
        lock (_lock)
        {
            for (var connection = _connections; connection is not null; connection = connection.Next) connection.Close();
            WakePolls();
        }
    }

    /// <returns>False when it is waiting already to be looked at.</returns>
    public bool TrySetDue() => !Interlocked.Exchange(ref _due, true);

    public void ClearDue() => Volatile.Write(ref _due, false);

    public bool IsIdle
    {
        get { lock (_lock) return _users == 0; }
    }

    /// <returns>False when somebody has come meanwhile.</returns>
    public bool TryForget()
    {
        lock (_lock) return _forgotten = _users == 0;
    }

    private int HandOn(InboxEvent arrived)
    {
        if (_connections is null) return 0;
        var frame = SseFrame.Of(arrived);
        var count = 0;
        for (var connection = _connections; connection is not null; connection = connection.Next)
            if (connection.Enqueue(frame)) count++;
        return count;
    }

    private void Behind(bool reset)
    {
        for (var connection = _connections; connection is not null; connection = connection.Next) connection.FallBehind(reset);
    }

    private void WakePolls()
    {
        _newer?.TrySetResult();
        _newer = null;
    }

    private static NotificationId Max(NotificationId a, NotificationId b) => a > b ? a : b;
}
