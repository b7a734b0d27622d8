using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Streams;
using OrleansInbox.Fanout;

namespace OrleansInbox;

/// <summary>The streams from silos to front-ends: both ends, in silos and in clients.</summary>
internal static class FanoutHosting
{
    /// <summary>Only an empty read makes a pulling agent wait for its timer; it is the receiver that waits for events.</summary>
    private static readonly TimeSpan _pullPeriod = TimeSpan.FromMilliseconds(5);

    /// <summary>The log is the truth: better lost, and read from there, than late.</summary>
    private static readonly TimeSpan _maxDeliveryTime = TimeSpan.FromSeconds(1);

    public static void AddFanout(this ISiloBuilder silo)
    {
        silo.AddPersistentStreams(InboxLimits.StreamProvider, Adapter, streams => streams.ConfigurePartitionBalancing(
            static (services, name) => (PushStreamAdapter)services.GetRequiredKeyedService<IQueueAdapterFactory>(name)));
        silo.Services.AddSingleton<FrontEndQueues>();
        AddCommon(silo.Services);
    }

    public static void AddFanout(this IClientBuilder client)
    {
        client.AddPersistentStreams(InboxLimits.StreamProvider, Adapter, null);
        AddCommon(client.Services);
    }

    private static PushStreamAdapter Adapter(IServiceProvider services, string name) => new(name, services);

    private static void AddCommon(IServiceCollection services)
    {
        services.AddSingleton<IFanoutProducer, StreamFanoutProducer>();
        services.AddSingleton<IFanoutConsumer, StreamFanoutConsumer>();
        services.Configure<StreamPullingAgentOptions>(InboxLimits.StreamProvider, static options =>
        {
            options.GetQueueMsgsTimerPeriod = _pullPeriod;
            options.BatchContainerBatchSize = 1; // what gathers for a front-end is one batch already
            options.MaxEventDeliveryTime = _maxDeliveryTime;
        });
    }
}
