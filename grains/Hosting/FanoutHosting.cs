using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;
using Orleans.Hosting;
using OrleansInbox.Fanout;

namespace OrleansInbox;

/// <summary>Adds the fan-out from silos to front-ends, of the kind that <see cref="TopologyOptions.Provider"/> names, to either side.</summary>
internal static class FanoutHosting
{
    public static ISiloBuilder AddFanout(this ISiloBuilder silo, TopologyOptions topology)
    {
        if (topology.Provider == FanoutProvider.Memory) silo.AddMemoryStreams(InboxLimits.StreamProvider);
        AddFanoutServices(silo.Services, topology);
        return silo;
    }

    public static IClientBuilder AddFanout(this IClientBuilder client, TopologyOptions topology)
    {
        if (topology.Provider == FanoutProvider.Memory) client.AddMemoryStreams(InboxLimits.StreamProvider);
        AddFanoutServices(client.Services, topology);
        return client;
    }

    private static void AddFanoutServices(IServiceCollection services, TopologyOptions topology)
    {
        if (topology.Provider == FanoutProvider.Observer)
        {
            services.AddSingleton<IFanoutProducer, ObserverFanoutProducer>();
            services.AddSingleton<IFanoutConsumer, ObserverFanoutConsumer>();
            return;
        }
        services.AddSingleton<IFanoutProducer, StreamFanoutProducer>();
        services.AddSingleton<IFanoutConsumer, StreamFanoutConsumer>();
        services.Configure<HashRingStreamQueueMapperOptions>(InboxLimits.StreamProvider, o => o.TotalQueueCount = topology.Queues);
        services.Configure<StreamPullingAgentOptions>(InboxLimits.StreamProvider, o =>
        {
            o.GetQueueMsgsTimerPeriod = topology.PullPeriod;
            o.BatchContainerBatchSize = 100;
        });
    }
}
