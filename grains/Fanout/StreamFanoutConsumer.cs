using Orleans.Runtime;
using Orleans.Streams;

namespace OrleansInbox.Fanout;

/// <summary>One Orleans stream for each front-end.</summary>
internal sealed class StreamFanoutConsumer(IClusterClient cluster, ClusterLink link) : IFanoutConsumer
{
    private IAsyncStream<InboxEvents>? _stream;

    public async Task Open(string frontEnd, Action<InboxEvents> arrived)
    {
        link.ThrowIfUnreached();
        _stream = cluster.GetStreamProvider(InboxLimits.StreamProvider).GetStream<InboxEvents>(StreamId.Create(InboxLimits.StreamNamespace, frontEnd));
        await Close();
        await _stream.SubscribeAsync((batch, _) =>
        {
            arrived(batch);
            return Task.CompletedTask;
        });
    }

    public Task Post(InboxEvents batch) => _stream?.OnNextAsync(batch) ?? Task.CompletedTask;

    /// <summary>Ends every subscription of ours, also one that a dead silo left behind: it would be sent every batch once more.</summary>
    public async Task Close()
    {
        if (_stream is null) return;
        foreach (var subscription in await _stream.GetAllSubscriptionHandles()) await subscription.UnsubscribeAsync();
    }
}
