using Orleans.Concurrency;

namespace OrleansInbox;

/// <summary>A front-end as silos can call it; the other way to reach it is its stream.</summary>
[Alias("front-end")]
public interface IFrontEnd : IGrainObserver
{
    /// <summary>Nobody waits for it: what does not arrive is found by reading back.</summary>
    [OneWay, Alias("receive")] Task Receive(InboxEvents batch);
}
