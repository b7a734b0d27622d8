using Orleans.Runtime;

namespace OrleansInbox;

/// <summary>Tells <see cref="ClusterLink"/> that the Orleans client has connected to a silo and can call grains.</summary>
internal sealed class ClientStart(ClusterLink link) : ILifecycleParticipant<IClusterClientLifecycle>
{
    public void Participate(IClusterClientLifecycle lifecycle) => lifecycle.Subscribe(nameof(ClientStart), ServiceLifecycleStage.Active, _ =>
    {
        link.Reached();
        return Task.CompletedTask;
    });
}
