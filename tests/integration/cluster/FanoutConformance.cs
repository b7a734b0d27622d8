using System.Threading.Channels;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;
using OrleansInbox.Fanout;

namespace OrleansInbox.Tests.Cluster;

/// <summary>What the fan-out promises between a silo and a front-end in another process (here: another host).</summary>
public sealed class FanoutConformance
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);
    private static int _names;

    [Fact]
    public async Task Batches_arrive_in_order_probes_come_back_and_the_consumer_opens_afresh()
    {
        await using var redis = await RedisServer.Start();
        await using var cluster = await InboxCluster.Start(redis, silos: 2);
        var silo = cluster.Silos[0].ServiceProvider;
        var consumer = cluster.Client.ServiceProvider.GetRequiredService<IFanoutConsumer>();
        var producer = silo.GetRequiredService<IFanoutProducer>();
        var name = $"front-end-{Interlocked.Increment(ref _names)}";

        for (var opened = 0; opened < 2; opened++)
        {
            var arrived = Channel.CreateUnbounded<InboxEvents>();
            await consumer.Open(name, batch => arrived.Writer.TryWrite(batch));
            await Probe(consumer, arrived); // the subscription has reached whoever delivers
            await producer.Send(name, Batch(0));
            while ((await arrived.Reader.ReadAsync().AsTask().WaitAsync(_patience)).Probe != 0) { } // the way is known now
            for (var i = 1; i <= 100; i++) await producer.Send(name, Batch(i));
            for (var i = 1; i <= 100;)
            {
                var batch = await arrived.Reader.ReadAsync().AsTask().WaitAsync(_patience);
                if (batch.Probe != 0) continue;
                Assert.Equal(i, batch.Events.Single().Id.Seq);
                Assert.Equal(["default/bob"], batch.Missed);
                i++;
            }
        }
        await consumer.Close();
        try
        {
            await producer.Send(name, Batch(1)).WaitAsync(_patience); // nobody listens: lost, or refused, but it ends
        }
        catch (TimeoutException)
        {
            // Nobody took it.
        }
    }

    private static async Task Probe(IFanoutConsumer consumer, Channel<InboxEvents> arrived)
    {
        for (var number = 1; ; number++)
        {
            await consumer.Post(new InboxEvents { Events = [], Probe = number });
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(2));
            try
            {
                if ((await arrived.Reader.ReadAsync(patience.Token)).Probe > 0) return;
            }
            catch (OperationCanceledException) when (number < 10)
            {
                // What was sent before the subscription was known is lost: that is why there are probes.
            }
        }
    }

    private static InboxEvents Batch(int seq) => new()
    {
        Events = [new InboxEvent { Inbox = "default/ann", Kind = InboxEventKind.Added, Id = new NotificationId(1, seq), Data = "{}"u8.ToArray() }],
        Missed = ["default/bob"],
    };
}
