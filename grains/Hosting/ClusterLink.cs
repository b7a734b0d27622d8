namespace OrleansInbox;

/// <summary>The connection of this process to the silos that it calls.</summary>
public sealed class ClusterLink(ClusterRole role)
{
    private volatile bool _reached = role != ClusterRole.Client;
    private TaskCompletionSource _change = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Grain calls may leave this process, so that a call can be lost with the process that it went to.</summary>
    public bool HasOthers { get; } = role != ClusterRole.Embedded;

    /// <summary>A silo joined or left the cluster: inboxes may be active elsewhere now.</summary>
    public event Action? Changed;

    /// <summary>Completes when the next silo joins or leaves: an answer that is still awaited then may never come.</summary>
    public Task NextChange => Volatile.Read(ref _change).Task;

    /// <summary>To be called before each grain call: until the Orleans client has reached a silo, it knows no grains and loses calls.</summary>
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
