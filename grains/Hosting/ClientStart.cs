using Orleans.Runtime;

namespace OrleansInbox;

/// <summary>The Orleans client has reached a silo and knows its grains.</summary>
internal sealed class ClientStart(ClusterLink link) : ILifecycleParticipant<IClusterClientLifecycle>
{
    public void Participate(IClusterClientLifecycle lifecycle) => lifecycle.Subscribe(nameof(ClientStart), ServiceLifecycleStage.Active, _ =>
    {
        link.Reached();
        return Task.CompletedTask;
    });
}
