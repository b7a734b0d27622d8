using OrleansInbox.ClientApi.Live;
using OrleansInbox.Fanout;

namespace OrleansInbox.Tests.ClientApi.Live;

/// <summary>A fan-out that the test can break.</summary>
internal sealed class ScriptedFanoutConsumer : IFanoutConsumer
{
    public IFrontEnd? Reference => null;

    private readonly Lock _lock = new();
    private Action<InboxEvents>? _arrived;

    public int Opened { get; private set; }
    public int Posted { get; private set; }

    /// <summary>What is sent does not arrive, until it is opened again.</summary>
    public bool IsDead { get; set; }

    public Task Open(string frontEnd, Action<InboxEvents> arrived)
    {
        (_arrived, IsDead) = (arrived, false);
        Opened++;
        return Task.CompletedTask;
    }

    public Task Post(InboxEvents batch)
    {
        Posted++;
        Send(batch);
        return Task.CompletedTask;
    }

    public Task Close()
    {
        _arrived = null;
        return Task.CompletedTask;
    }

    public void Send(params InboxEvent[] events) => Send(new InboxEvents { Events = events });

    public void Send(InboxEvents batch)
    {
        lock (_lock)
            if (!IsDead) _arrived?.Invoke(batch);
    }
}
