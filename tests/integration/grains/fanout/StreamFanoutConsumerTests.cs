using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.Streams;
using OrleansInbox.Fanout;

namespace OrleansInbox.Tests.Grains.Fanout;

public sealed class StreamFanoutConsumerTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("inbox-fanout-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task To_open_leaves_one_subscription_whatever_was_left_behind_and_to_close_none()
    {
        await using var host = await InboxHost.Start(null, _folder.FullName);
        var stream = host.Cluster.GetStreamProvider(InboxLimits.StreamProvider).GetStream<InboxEvents>(StreamId.Create(InboxLimits.StreamNamespace, "front-end"));
        for (var i = 0; i < 2; i++) await stream.SubscribeAsync((_, _) => Task.CompletedTask);
        var consumer = host.Services.GetRequiredService<IFanoutConsumer>();
        for (var i = 0; i < 2; i++)
        {
            await consumer.Open("front-end", _ => { });
            Assert.Single(await stream.GetAllSubscriptionHandles());
        }
        await consumer.Close();
        Assert.Empty(await stream.GetAllSubscriptionHandles());
    }
}
