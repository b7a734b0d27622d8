namespace OrleansInbox;

/// <summary>What a process knows about the silos that it calls.</summary>
public sealed class ClusterLink(ClusterRole role)
{
    private volatile bool _reached = role != ClusterRole.Client;
    private TaskCompletionSource _change = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Calls leave this process: one that dies, or is away, may have taken a call with it.</summary>
    public bool HasOthers { get; } = role != ClusterRole.Embedded;

    /// <summary>A silo came or went: inboxes may live elsewhere now.</summary>
    public event Action? Changed;

    /// <summary>Ends when the next silo comes or goes: calls that wait for an answer then may wait in vain.</summary>
    public Task NextChange => Volatile.Read(ref _change).Task;

    /// <summary>To be asked before each call: the Orleans client knows no grains, and loses calls, until it has reached the first silo.</summary>
    /// <exception cref="StorageUnavailableException">Nothing was stored.</exception>
    public void ThrowIfUnreached()
    {
        if (!_reached) throw new StorageUnavailableException("No silo was reached yet.");
    }

    internal void Reached()
    {
        _reached = true;
        SilosChanged();
    }

    internal void SilosChanged()
    {
        if (!_reached) return;
        Interlocked.Exchange(ref _change, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
        Changed?.Invoke();
    }
}
