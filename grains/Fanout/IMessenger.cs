namespace OrleansInbox.Fanout;

/// <summary>Carries batches of events from a silo to a front-end. It may lose some: the log is the truth, and front-ends look for gaps.</summary>
public interface IMessenger
{
    /// <summary>Completes when the transport has taken the batch; batches of one caller arrive in the order of its calls, if they arrive.</summary>
    Task Send(string frontEnd, InboxEvents batch);
}
