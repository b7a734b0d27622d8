namespace OrleansInbox.Tests.Cluster;

/// <summary>The providers that this build has; the others are refused at start.</summary>
public static class Fanouts
{
    public static TheoryData<string> Built => new(
#if REDIS_STREAMS
        nameof(FanoutProvider.Redis),
#endif
        nameof(FanoutProvider.Memory), nameof(FanoutProvider.Observer));
}
