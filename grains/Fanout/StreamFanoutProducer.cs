using Orleans.Runtime;
using Orleans.Streams;

namespace OrleansInbox.Fanout;

/// <summary>One Orleans stream for each front-end.</summary>
internal sealed class StreamFanoutProducer(IClusterClient cluster) : IFanoutProducer
{
    private IStreamProvider? _provider;

    public Task Send(string frontEnd, InboxEvents batch)
    {
        _provider ??= cluster.GetStreamProvider(InboxLimits.StreamProvider);
        return _provider.GetStream<InboxEvents>(StreamId.Create(InboxLimits.StreamNamespace, frontEnd)).OnNextAsync(batch);
    }
}
