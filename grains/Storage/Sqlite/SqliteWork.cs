namespace OrleansInbox.Storage.Sqlite;

/// <summary>A write that waits for its turn. Either the writer takes it or its caller, whose time is up, abandons it; never both.</summary>
internal abstract class SqliteWork
{
    private int _taken;

    /// <summary>Changes nothing, so that it does not matter which file it is done to.</summary>
    public bool IsPing { get; init; }

    /// <summary>Is done when the disk is full, too: it removes something, or notes that something is removed.</summary>
    public bool MayUseReserve { get; init; }

    /// <summary>True for the first one who asks: the writer before it runs it, the caller who does not want it any more.</summary>
    public bool TryTake() => Interlocked.Exchange(ref _taken, 1) == 0;

    /// <summary>Within the writer's transaction.</summary>
    public abstract void Run(SqliteSession session);

    /// <summary>The transaction is committed.</summary>
    public abstract void Committed();

    /// <summary>It is not.</summary>
    public abstract void Failed(Exception exception);
}

/// <param name="committed">Runs on the writer's thread.</param>
/// <param name="action">What it throws besides <see cref="SqliteFailure"/> goes to the caller and spoils nobody else's work: it must not have written by then.</param>
internal sealed class SqliteWork<T>(Func<SqliteSession, T> action, Action? committed = null) : SqliteWork
{
    private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T _result = default!;
    private Exception? _refused;

    public Task<T> Done => _done.Task;

    public override void Run(SqliteSession session)
    {
        try
        {
            _result = action(session);
        }
        catch (Exception e) when (e is not SqliteFailure)
        {
            _refused = e; // told after the commit: it may rest on what others wrote in this transaction
        }
    }

    public override void Committed()
    {
        committed?.Invoke();
        if (_refused is null) _done.SetResult(_result);
        else _done.SetException(_refused);
    }

    public override void Failed(Exception exception) => _done.TrySetException(exception);
}
