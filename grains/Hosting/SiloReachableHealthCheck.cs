using Microsoft.Extensions.Diagnostics.HealthChecks;
using Orleans.Runtime;

namespace OrleansInbox;

/// <summary>For a front-end without a silo: whether a silo and its storage answer. It reads the counts of an inbox that nobody owns, which writes nothing.</summary>
internal sealed class SiloReachableHealthCheck(IGrainFactory grains, ClusterLink link) : IHealthCheck
{
    private static readonly TimeSpan _timeout = TimeSpan.FromSeconds(2);
    private static readonly string _nobody = InboxKey.Of("health", "nobody");

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            link.ThrowIfUnreached();
            await grains.GetGrain<IInboxGrain>(_nobody).Counts().WaitAsync(_timeout, cancellationToken);
            return HealthCheckResult.Healthy();
        }
        catch (Exception failure) when (failure is StorageUnavailableException or TimeoutException or OrleansException or InvalidOperationException)
        {
            return HealthCheckResult.Unhealthy("Storage does not answer.", failure);
        }
    }
}
