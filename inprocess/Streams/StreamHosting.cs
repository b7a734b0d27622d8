using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.InProcess;
using Orleans.Streams;

namespace Orleans
{
    public static class ClientStreamingExtensions
    {
        public static IStreamProvider GetStreamProvider(this IClusterClient client, string name) => client.ServiceProvider.GetRequiredKeyedService<IStreamProvider>(name);
    }

    public static class GrainStreamingExtensions
    {
        public static IStreamProvider GetStreamProvider(this Grain grain, string name) => ((IGrainBase)grain).GetStreamProvider(name);
        public static IStreamProvider GetStreamProvider(this IGrainBase grain, string name) => grain.GrainContext.ActivationServices.GetRequiredKeyedService<IStreamProvider>(name);
    }
}

namespace Orleans.Streams
{
    public enum StreamPubSubType
    {
        ExplicitGrainBasedAndImplicit = 0,
        ExplicitGrainBasedOnly = 1,
        ImplicitOnly = 2,
    }
}

namespace Orleans.Hosting
{
    public interface INamedServiceConfigurator
    {
        string Name { get; }
        Action<Action<IServiceCollection>> ConfigureDelegate { get; }
    }

    public interface IPersistentStreamConfigurator : INamedServiceConfigurator;

    public interface ISiloPersistentStreamConfigurator : IPersistentStreamConfigurator;

    public interface IMemoryStreamConfigurator : INamedServiceConfigurator;

    public interface ISiloMemoryStreamConfigurator : IMemoryStreamConfigurator, ISiloPersistentStreamConfigurator;

    public interface IClusterClientMemoryStreamConfigurator : IMemoryStreamConfigurator, IPersistentStreamConfigurator;

    // Nothing is pulled and nothing is partitioned inside one process: these are taken, and mean nothing.
    public static class MemoryStreamConfiguratorExtensions
    {
        public static void ConfigurePartitioning(this IMemoryStreamConfigurator configurator, int numOfQueues = 8) { }
    }

    public static class PersistentStreamConfiguratorExtensions
    {
        public static void ConfigureStreamPubSub(this IPersistentStreamConfigurator configurator, StreamPubSubType pubsubType = StreamPubSubType.ExplicitGrainBasedAndImplicit) { }
    }

    public static class SiloPersistentStreamConfiguratorExtensions
    {
        public static void ConfigurePullingAgent(this ISiloPersistentStreamConfigurator configurator, Action<OptionsBuilder<StreamPullingAgentOptions>>? configureOptions = null) =>
            configurator.ConfigureDelegate(services => configureOptions?.Invoke(services.AddOptions<StreamPullingAgentOptions>(configurator.Name)));
    }

    public static class SiloBuilderMemoryStreamExtensions
    {
        public static ISiloBuilder AddMemoryStreams(this ISiloBuilder builder, string name, Action<ISiloMemoryStreamConfigurator>? configure = null)
        {
            configure?.Invoke(new MemoryStreamConfigurator(name, builder.Services));
            builder.Services.AddKeyedSingleton<IStreamProvider>(name, MemoryStreamProvider.Create);
            return builder;
        }
    }

    public static class ClientBuilderStreamingExtensions
    {
        /// <summary>The silo of this process has the streams.</summary>
        public static IClientBuilder AddMemoryStreams(this IClientBuilder builder, string name, Action<IClusterClientMemoryStreamConfigurator>? configure = null)
        {
            configure?.Invoke(new MemoryStreamConfigurator(name, builder.Services));
            return builder;
        }
    }
}

namespace Orleans.InProcess
{
    internal sealed record MemoryStreamConfigurator(string Name, IServiceCollection Services) : ISiloMemoryStreamConfigurator, IClusterClientMemoryStreamConfigurator
    {
        public Action<Action<IServiceCollection>> ConfigureDelegate => configure => configure(Services);
    }
}
