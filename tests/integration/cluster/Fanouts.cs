namespace OrleansInbox.Tests.Cluster;

/// <summary>Every way to carry events.</summary>
public static class Fanouts
{
    public static TheoryData<string> Built => new(
        nameof(FanoutProvider.Memory), nameof(FanoutProvider.Observer));
}
