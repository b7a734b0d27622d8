using Microsoft.Extensions.Diagnostics.HealthChecks;
using Orleans.Runtime;

namespace OrleansInbox.Silo;

/// <summary>Whether this silo is an active member of the cluster that nobody has asked to stop.</summary>
internal sealed class MembershipHealthCheck(ISiloStatusOracle members, IHostApplicationLifetime lifetime) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(Reason() is { } reason ? HealthCheckResult.Unhealthy(reason) : HealthCheckResult.Healthy());

    private string? Reason() =>
        lifetime.ApplicationStopping.IsCancellationRequested ? "The silo is stopping."
        : members.CurrentStatus != SiloStatus.Active ? $"The silo is {members.CurrentStatus}, not yet or no longer an active member of the cluster."
        : null;
}
