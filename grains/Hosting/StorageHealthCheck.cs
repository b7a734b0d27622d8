using Microsoft.Extensions.Diagnostics.HealthChecks;
using OrleansInbox.Storage;

namespace OrleansInbox;

/// <summary>Whether storage answers. It is asked at most once a second, however many probes there are.</summary>
internal sealed class StorageHealthCheck(IInboxLog log, TimeProvider time) : IHealthCheck
{
    private static readonly TimeSpan _cachedFor = TimeSpan.FromSeconds(1);
    private readonly Lock _lock = new();
    private Task<HealthCheckResult> _last = Task.FromResult(HealthCheckResult.Unhealthy());
    private long _cachedUntil = long.MinValue;

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            var now = time.GetTimestamp();
            if (_last.IsCompleted && now >= _cachedUntil)
            {
                _cachedUntil = now + (long)(_cachedFor.TotalSeconds * time.TimestampFrequency);
                _last = Ping();
            }
            return _last.WaitAsync(cancellationToken);
        }
    }

    private async Task<HealthCheckResult> Ping()
    {
        try
        {
            await log.Ping();
            return HealthCheckResult.Healthy();
        }
        catch (StorageUnavailableException failure)
        {
            return HealthCheckResult.Unhealthy("Storage does not answer.", failure);
        }
    }
}
