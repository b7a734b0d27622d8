using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;
using Orleans.Streams;
using OrleansInbox.Fanout;

namespace OrleansInbox.Tests.Grains.Fanout;

public sealed class PushStreamAdapterTests
{
    private static readonly StreamId _stream = StreamId.Create(InboxLimits.StreamNamespace, "front-end");

    /// <summary>Orleans places the grain that sends for others on the caller's own silo, as long as that one does not know that it leaves.</summary>
    [Fact]
    public async Task A_silo_that_shuts_down_does_not_send_to_itself_without_end()
    {
        PushStreamAdapter adapter = null!;
        var sent = 0;
        var grains = DispatchProxy.Create<IGrainFactory, OneGrain>();
        ((OneGrain)grains).Grain = new Pushes(batch => ++sent > 100 ? throw new InvalidOperationException("It goes on and on.") : adapter.QueueMessageBatchAsync(_stream, [batch], null, null));
        adapter = new PushStreamAdapter(InboxLimits.StreamProvider, new ServiceCollection()
            .AddSingleton(grains).AddSingleton(DispatchProxy.Create<ILocalSiloDetails, OneGrain>()).AddSingleton(TimeProvider.System).AddSingleton(new ClusterLink(ClusterRole.CoHosted)).BuildServiceProvider());
        await adapter.CreateAdapter();
        await adapter.CreateReceiver(adapter.GetStreamQueueMapper().GetQueueForStream(_stream)).Shutdown(TimeSpan.Zero);

        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => adapter.QueueMessageBatchAsync(_stream, [new InboxEvents { Events = [] }], null, null));
        Assert.Equal((1, "This silo shuts down."), (sent, failure.Message));
    }

    private sealed class Pushes(Func<InboxEvents, Task> push) : IPushGrain
    {
        public Task Push(StreamId stream, InboxEvents batch) => push(batch);
    }
}

/// <summary>Answers every question with its one grain.</summary>
public class OneGrain : DispatchProxy
{
    internal IPushGrain? Grain { get; set; }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => Grain;
}
