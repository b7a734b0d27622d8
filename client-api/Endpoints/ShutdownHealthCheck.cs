using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace OrleansInbox.ClientApi.Endpoints;

/// <summary>Not ready from the moment that somebody asks the process to stop, while it still answers what it has accepted.</summary>
internal sealed class ShutdownHealthCheck(IHostApplicationLifetime lifetime) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(lifetime.ApplicationStopping.IsCancellationRequested ? HealthCheckResult.Unhealthy("The server is stopping.") : HealthCheckResult.Healthy());
}
