using Orleans.Runtime;

namespace OrleansInbox;

/// <summary>Tells the front-end in the same process when a silo joins or leaves.</summary>
internal sealed class ClusterMembers(ISiloStatusOracle members, ClusterLink link) : ISiloStatusListener, Microsoft.Extensions.Hosting.IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        members.SubscribeToSiloStatusEvents(this);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        members.UnSubscribeFromSiloStatusEvents(this);
        return Task.CompletedTask;
    }

    public void SiloStatusChangeNotification(SiloAddress updatedSilo, SiloStatus status) => link.SilosChanged();
}
