using Orleans.Runtime;
using Orleans.Streams;

namespace OrleansInbox.Fanout;

/// <summary>The portable way: one Orleans stream per front-end.</summary>
public sealed class StreamFanoutProducer(IClusterClient cluster) : IFanoutProducer
{
    private IStreamProvider? _provider;

    public Task Send(string frontEnd, IFrontEnd? reference, InboxEvents batch)
    {
        _provider ??= cluster.GetStreamProvider(InboxLimits.StreamProvider);
        return _provider.GetStream<InboxEvents>(StreamId.Create(InboxLimits.StreamNamespace, frontEnd)).OnNextAsync(batch);
    }
}
