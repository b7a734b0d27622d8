namespace Orleans.Runtime;

public enum SiloStatus
{
    None = 0,
    Created = 1,
    Joining = 2,
    Active = 3,
    ShuttingDown = 4,
    Stopping = 5,
    Dead = 6,
}

/// <summary>Who belongs to the cluster; here there is one.</summary>
public interface ISiloStatusOracle
{
    SiloStatus CurrentStatus { get; }

    /// <summary>Nobody comes or goes: the listener is never told anything.</summary>
    bool SubscribeToSiloStatusEvents(ISiloStatusListener observer);
    bool UnSubscribeFromSiloStatusEvents(ISiloStatusListener observer);
}

public interface ISiloStatusListener
{
    void SiloStatusChangeNotification(SiloAddress updatedSilo, SiloStatus status);
}

public sealed class SiloAddress
{
    private SiloAddress() { }
}
