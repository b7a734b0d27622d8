using System.Threading.Channels;
using Orleans;
using Orleans.Runtime;
using Orleans.Streams;

namespace OrleansInbox.Tests.InProcess;

public sealed class StreamTests
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Delivery_is_in_order_to_every_subscriber()
    {
        await using var silo = await OneSilo.Start();
        var stream = Stream(silo);
        var (first, second) = (Channel.CreateUnbounded<int>(), Channel.CreateUnbounded<int>());
        await stream.SubscribeAsync((item, _) => first.Writer.WriteAsync(item).AsTask());
        await stream.SubscribeAsync((item, _) => second.Writer.WriteAsync(item).AsTask());
        for (var item = 0; item < 3000; item++)
            await stream.OnNextAsync(item);
        Assert.Equal(Enumerable.Range(0, 3000), await Read(first, 3000));
        Assert.Equal(Enumerable.Range(0, 3000), await Read(second, 3000));
    }

    [Fact]
    public async Task A_subscriber_that_throws_does_not_stop_the_others()
    {
        await using var silo = await OneSilo.Start();
        var stream = Stream(silo);
        var good = Channel.CreateUnbounded<int>();
        await stream.SubscribeAsync((_, _) => throw new InvalidDataException("a bad subscriber"));
        await stream.SubscribeAsync((item, _) => good.Writer.WriteAsync(item).AsTask());
        for (var item = 0; item < 10; item++)
            await stream.OnNextAsync(item);
        Assert.Equal(Enumerable.Range(0, 10), await Read(good, 10));
    }

    [Fact]
    public async Task After_unsubscribing_nothing_comes()
    {
        await using var silo = await OneSilo.Start();
        var stream = Stream(silo);
        var (stays, leaves) = (Channel.CreateUnbounded<int>(), Channel.CreateUnbounded<int>());
        var handle = await stream.SubscribeAsync((item, _) => leaves.Writer.WriteAsync(item).AsTask());
        await stream.SubscribeAsync((item, _) => stays.Writer.WriteAsync(item).AsTask());
        await stream.OnNextAsync(1);
        Assert.Equal([1], await Read(leaves, 1));
        Assert.Equal(2, (await stream.GetAllSubscriptionHandles()).Count);
        await handle.UnsubscribeAsync();
        await stream.OnNextAsync(2);
        Assert.Equal([1, 2], await Read(stays, 2));
        Assert.False(leaves.Reader.TryRead(out _));
        Assert.Single(await stream.GetAllSubscriptionHandles());
    }

    private static IAsyncStream<int> Stream(OneSilo silo) => silo.Client.GetStreamProvider("streams").GetStream<int>(StreamId.Create("tests", Guid.NewGuid().ToString("N")));

    private static async Task<List<int>> Read(Channel<int> channel, int count)
    {
        var read = new List<int>();
        using var patience = new CancellationTokenSource(_patience);
        try
        {
            while (read.Count < count)
                read.Add(await channel.Reader.ReadAsync(patience.Token));
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"Waited {_patience} for {count} events; {read.Count} came.");
        }
        return read;
    }
}
