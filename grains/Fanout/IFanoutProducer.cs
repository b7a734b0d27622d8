namespace OrleansInbox.Fanout;

/// <summary>Carries batches of events from a silo to a front-end. It may lose some: the log is the truth, and front-ends look for gaps.</summary>
public interface IFanoutProducer
{
    /// <summary>Completes when the transport has taken the batch; batches that are sent one after the other arrive in that order, if they arrive.</summary>
    /// <param name="frontEnd">Its name.</param>
    /// <param name="reference">What the front-end's <see cref="IFanoutConsumer.Reference"/> was when it watched the last time.</param>
    /// <param name="batch">In order for each inbox.</param>
    Task Send(string frontEnd, IFrontEnd? reference, InboxEvents batch);
}
