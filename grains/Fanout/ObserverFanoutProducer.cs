namespace OrleansInbox.Fanout;

/// <summary>No queue and no polling: a call to the reference that came with the watch.</summary>
public sealed class ObserverFanoutProducer(TimeProvider time) : IFanoutProducer
{
    /// <summary>The way may lead over a silo that died just now: better to say that something was missed than to wait for it.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(1);

    public Task Send(string frontEnd, IFrontEnd? reference, InboxEvents batch) => reference?.Receive(batch).WaitAsync(_patience, time)
        ?? throw new InvalidOperationException($"Front-end {frontEnd} watches without a reference: Fanout:Provider has to be the same on every silo and front-end.");
}
