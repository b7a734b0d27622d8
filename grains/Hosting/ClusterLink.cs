namespace OrleansInbox;

/// <summary>What a process knows about the silos that it calls.</summary>
public sealed class ClusterLink(ClusterRole role)
{
    private volatile bool _reached = role != ClusterRole.Client;

    /// <summary>Calls leave this process: one that dies, or is away, may have taken a call with it.</summary>
    public bool HasOthers { get; } = role != ClusterRole.Embedded;

    /// <summary>A silo came or went: inboxes may live elsewhere now.</summary>
    public event Action? Changed;

    /// <summary>To be asked before each call: the Orleans client knows no grains, and loses calls, until it has reached the first silo.</summary>
    /// <exception cref="StorageUnavailableException">Nothing was stored.</exception>
    public void ThrowIfUnreached()
    {
        if (!_reached) throw new StorageUnavailableException("No silo was reached yet.");
    }

    internal void Reached()
    {
        _reached = true;
        Changed?.Invoke();
    }

    internal void SilosChanged()
    {
        if (_reached) Changed?.Invoke();
    }
}
