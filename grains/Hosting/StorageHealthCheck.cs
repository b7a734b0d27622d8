using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using OrleansInbox.Storage;
using OrleansInbox.Storage.Redis;

namespace OrleansInbox;

/// <summary>Whether storage answers, and takes writes. It is asked at most once a second, however many probes there are.</summary>
public sealed partial class StorageHealthCheck(IInboxLog log, TimeProvider time, ILogger<StorageHealthCheck> logger, RedisConnection? redis = null) : IHealthCheck
{
    /// <summary>Of a result's data: sentences about a storage that answers and may still lose what it acknowledged.</summary>
    public const string Warnings = "warnings";

    private static readonly TimeSpan _cachedFor = TimeSpan.FromSeconds(1);
    private readonly Lock _lock = new();
    private Task<HealthCheckResult> _last = Task.FromResult(HealthCheckResult.Unhealthy());
    private long _cachedUntil = long.MinValue;
    private bool _refused;

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
        }
        catch (StorageUnavailableException failure)
        {
            return HealthCheckResult.Unhealthy("Storage does not answer.", failure);
        }
        try
        {
            await log.ProbeWrite();
            _refused = false;
            return redis?.Warnings is { Count: > 0 } warnings ? HealthCheckResult.Healthy(data: new Dictionary<string, object> { [Warnings] = warnings }) : HealthCheckResult.Healthy();
        }
        catch (StorageUnavailableException failure)
        {
            if (!_refused) LogRefused(logger, failure.Message); // once per episode
            _refused = true;
            return HealthCheckResult.Unhealthy("Storage does not accept writes.", failure);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Storage does not accept writes: {Reason}")]
    private static partial void LogRefused(ILogger logger, string reason);
}
