using Orleans.Runtime;

namespace OrleansInbox.Fanout;

/// <summary>Sends to a front-end's stream from the silo that it runs on, for those who have no queue of their own: clients, and silos that shut down.</summary>
[Alias("push")]
public interface IPushGrain : IGrainWithIntegerKey
{
    [Alias("push")] Task Push(StreamId stream, InboxEvents batch);
}
