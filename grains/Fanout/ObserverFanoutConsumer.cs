namespace OrleansInbox.Fanout;

/// <summary>Silos call the front-end directly.</summary>
internal sealed class ObserverFanoutConsumer(IClusterClient cluster) : IFanoutConsumer
{
    private Receiver? _receiver; // Orleans holds it weakly

    public IFrontEnd? Reference { get; private set; }

    public Task Open(string frontEnd, Action<InboxEvents> arrived)
    {
        Close();
        _receiver = new Receiver(arrived);
        Reference = cluster.CreateObjectReference<IFrontEnd>(_receiver);
        return Task.CompletedTask;
    }

    public Task Post(InboxEvents batch) => Reference?.Receive(batch) ?? Task.CompletedTask;

    public Task Close()
    {
        if (Reference is { } reference) cluster.DeleteObjectReference<IFrontEnd>(reference);
        (Reference, _receiver) = (null, null);
        return Task.CompletedTask;
    }

    private sealed class Receiver(Action<InboxEvents> arrived) : IFrontEnd
    {
        public Task Receive(InboxEvents batch)
        {
            arrived(batch);
            return Task.CompletedTask;
        }
    }
}
