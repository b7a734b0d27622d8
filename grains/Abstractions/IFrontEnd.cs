namespace OrleansInbox;

/// <summary>A front-end as silos can call it; the other way to reach it is its stream.</summary>
[Alias("front-end")]
public interface IFrontEnd : IGrainObserver
{
    /// <summary>
    /// Completes when the batch is here: one-way calls overtake each other on their way, and pile up before a front-end that is frozen.
    /// What does not arrive is found by reading back.
    /// </summary>
    [Alias("receive")] Task Receive(InboxEvents batch);
}
