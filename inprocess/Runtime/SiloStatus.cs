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
}
