using OrleansInbox.Fanout;

namespace OrleansInbox.Tests.ClientApi.Live;

/// <summary>A fan-out that the test can break.</summary>
internal sealed class ScriptedFanoutConsumer : IFanoutConsumer
{
    private readonly Lock _lock = new();
    private Action<InboxEvents>? _arrived;

    public int Opened { get; private set; }
    public int Posted { get; private set; }
    public int Closed { get; private set; }

    /// <summary>What is sent does not arrive, until it is opened again.</summary>
    public bool IsDead { get; set; }

    /// <summary>Set: calls to post wait for it.</summary>
    public TaskCompletionSource? HungPosts { get; set; }

    /// <summary>Set: calls to open wait for it.</summary>
    public TaskCompletionSource? HungOpens { get; set; }

    public async Task Open(string frontEnd, Action<InboxEvents> arrived)
    {
        Opened++;
        if (HungOpens is { } hung) await hung.Task;
        lock (_lock) (_arrived, IsDead) = (arrived, false);
    }

    public async Task Post(InboxEvents batch)
    {
        Posted++;
        if (HungPosts is { } hung) await hung.Task;
        Send(batch);
    }

    public Task Close()
    {
        Closed++;
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
