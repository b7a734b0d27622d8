namespace OrleansInbox.Fanout;

/// <summary>The front-end's end of the fan-out. What arrives may be lost, doubled or late: the log is the truth.</summary>
public interface IFanoutConsumer
{
    /// <summary>From now on what is sent to the front-end arrives, one batch after the other. Opened again it starts afresh.</summary>
    Task Open(string frontEnd, Action<InboxEvents> arrived);

    /// <summary>Sends a batch to ourselves, by the way that the silos' batches take.</summary>
    Task Post(InboxEvents batch);

    Task Close();
}
