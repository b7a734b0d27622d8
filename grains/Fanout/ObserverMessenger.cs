namespace OrleansInbox.Fanout;

/// <summary>No queue and no polling: a one-way call to the reference that came with the watch.</summary>
public sealed class ObserverMessenger : IMessenger
{
    public Task Send(string frontEnd, IFrontEnd? reference, InboxEvents batch) => reference?.Receive(batch)
        ?? throw new InvalidOperationException($"Front-end {frontEnd} watches without a reference: Fanout:Provider has to be the same on every silo and front-end.");
}
