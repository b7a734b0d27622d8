using System.Globalization;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace OrleansInbox.Backups;

/// <summary>How the last scheduled backup of this process ended: a failed one is a warning of <c>/health/ready</c>, and no reason to send requests elsewhere.</summary>
internal sealed class BackupStatus : IHealthCheck
{
    private volatile string? _failure;

    public void Succeeded() => _failure = null;

    public void Failed(DateTimeOffset at, string reason) => _failure = string.Create(CultureInfo.InvariantCulture, $"The scheduled backup of {at:yyyy-MM-dd HH:mm} UTC failed: {reason}");

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => Task.FromResult(
        _failure is { } failure ? HealthCheckResult.Healthy(data: new Dictionary<string, object> { [StorageHealthCheck.Warnings] = new[] { failure } }) : HealthCheckResult.Healthy());
}
