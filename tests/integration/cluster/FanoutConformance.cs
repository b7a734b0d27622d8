using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Runtime;
using OrleansInbox.Fanout;

namespace OrleansInbox.Tests.Cluster;

/// <summary>What the fan-out promises between a silo's queue and a front-end in another process (here: another host).</summary>
public sealed class FanoutConformance
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(20);
    private static int _names;

    [Fact]
    public async Task Batches_arrive_in_order_probes_come_back_and_the_consumer_opens_afresh()
    {
        await using var house = await ClusterFixture.Open();
        var silo = await house.Silo();
        using var frontEnd = await Client(house);
        var mailbox = frontEnd.Services.GetRequiredService<IFanoutConsumer>();
        var messenger = silo.Services.GetRequiredService<IFanoutProducer>();
        var name = $"front-end-{Interlocked.Increment(ref _names)}";

        for (var opened = 0; opened < 2; opened++)
        {
            var arrived = Channel.CreateUnbounded<InboxEvents>();
            await mailbox.Open(name, batch => arrived.Writer.TryWrite(batch));
            await Probe(mailbox, arrived); // the subscription has reached whoever delivers
            await messenger.Send(name, Batch(0));
            while ((await arrived.Reader.ReadAsync().AsTask().WaitAsync(_patience)).Probe != 0) { } // the way is known now
            for (var i = 1; i <= 100; i++) await messenger.Send(name, Batch(i));
            for (var i = 1; i <= 100;)
            {
                var batch = await arrived.Reader.ReadAsync().AsTask().WaitAsync(_patience);
                if (batch.Probe != 0) continue;
                Assert.Equal(i, batch.Events.Single().Id.Seq);
                Assert.Equal(["default/bob"], batch.Missed);
                i++;
            }
        }
        await mailbox.Close();
        try
        {
            await messenger.Send(name, Batch(1)).WaitAsync(_patience); // nobody listens: lost, or refused, but it ends
        }
        catch (TimeoutException)
        {
            // Nobody took it.
        }
    }

    private static async Task Probe(IFanoutConsumer mailbox, Channel<InboxEvents> arrived)
    {
        for (var number = 1; ; number++)
        {
            await mailbox.Post(new InboxEvents { Events = [], Probe = number });
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

    private static async Task<IHost> Client(ClusterFixture house)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        var topology = new TopologyOptions { Role = ClusterRole.Client, ClusterId = "one", ServiceId = "tests", Redis = house.Redis.Address };
        builder.UseInbox(new InboxOptions(), topology);
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }
}
