using Orleans.Runtime;
using Orleans.Streams;

namespace OrleansInbox.Fanout;

/// <summary>The portable way: one Orleans stream per front-end.</summary>
internal sealed class StreamMailbox(IClusterClient cluster, ClusterLink link) : IMailbox
{
    private IAsyncStream<InboxEvents>? _stream;
    private StreamSubscriptionHandle<InboxEvents>? _subscription;

    public IFrontEnd? Reference => null;

    public async Task Open(string frontEnd, Action<InboxEvents> arrived)
    {
        link.ThrowIfUnreached();
        await Close();
        _stream = cluster.GetStreamProvider(InboxLimits.StreamProvider).GetStream<InboxEvents>(StreamId.Create(InboxLimits.StreamNamespace, frontEnd));
        _subscription = await _stream.SubscribeAsync((batch, _) =>
        {
            arrived(batch);
            return Task.CompletedTask;
        });
    }

    public Task Post(InboxEvents batch) => _stream?.OnNextAsync(batch) ?? Task.CompletedTask;

    public async Task Close()
    {
        var old = _subscription;
        _subscription = null;
        if (old is not null) await old.UnsubscribeAsync();
    }
}
