using Orleans.Runtime;

namespace OrleansInbox;

/// <summary>For a front-end without a silo: whether a silo answers. The inbox that is asked belongs to nobody, and asking leaves nothing behind.</summary>
internal sealed class ClientHealth(IGrainFactory grains, ClusterLink link) : IInboxHealth
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(2);
    private static readonly string _nobody = InboxKey.Of("health", "nobody");

    public async Task<bool> Ready(CancellationToken cancellation)
    {
        try
        {
            link.ThrowIfUnreached();
            await grains.GetGrain<IInboxGrain>(_nobody).Counts().WaitAsync(_patience, cancellation);
            return true;
        }
        catch (Exception failure) when (failure is StorageUnavailableException or TimeoutException or OrleansException or InvalidOperationException)
        {
            return false;
        }
    }
}
