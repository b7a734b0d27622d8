using Orleans.Concurrency;
using Orleans.Runtime;

namespace OrleansInbox.Fanout;

[StatelessWorker, Reentrant, GrainType("push")]
internal sealed class PushGrain : Grain, IPushGrain
{
    public Task Push(StreamId stream, InboxEvents batch) => this.GetStreamProvider(InboxLimits.StreamProvider).GetStream<InboxEvents>(stream).OnNextAsync(batch);
}
