namespace OrleansInbox.Fanout;

/// <summary>Carries batches of events from a silo to a front-end. It may lose some: the log is the truth, and front-ends look for gaps.</summary>
public interface IFanoutProducer
{
    /// <summary>Completes when the front-end has the batch; batches that are sent one after the other arrive in that order, if they arrive.</summary>
    /// <exception cref="TimeoutException">It did not take the batch in time, or is not there.</exception>
    Task Send(string frontEnd, InboxEvents batch);
}
