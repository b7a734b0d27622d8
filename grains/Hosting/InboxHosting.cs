using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Orleans.Clustering.Redis;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Serialization;
using OrleansInbox.Fanout;
using OrleansInbox.Inboxes;
using OrleansInbox.Storage.Redis;
using OrleansInbox.Telemetry;

namespace OrleansInbox;

/// <summary>Puts inboxes into a host: as a silo, or as a client of silos elsewhere.</summary>
public static class InboxHosting
{
    /// <summary>A caller of the API has an answer within 5 s, also when a silo is gone.</summary>
    private static readonly TimeSpan _responseTimeout = TimeSpan.FromSeconds(4.5);

    private static readonly TimeSpan _retryConnecting = TimeSpan.FromSeconds(1);

    /// <summary>What the role says: <see cref="UseInboxSilo"/> or a client of silos elsewhere.</summary>
    public static IHostApplicationBuilder UseInbox(this IHostApplicationBuilder host, InboxOptions options, TopologyOptions topology)
    {
        if (topology.Role != ClusterRole.Client) return host.UseInboxSilo(options, topology);
        AddCommon(host.Services, topology);
        host.Services.AddHealthChecks().AddCheck<SiloReachableHealthCheck>("silo");
        host.Services.Configure<HostOptions>(o => o.ServicesStartConcurrently = true); // HTTP is answered although no silo is there yet
        return host.UseOrleansClient(client =>
        {
            client.UseRedisClustering(topology.Redis!);
            client.Configure<ClusterOptions>(o => (o.ClusterId, o.ServiceId) = (topology.ClusterId, topology.ServiceId));
            client.Configure<ClientMessagingOptions>(o => o.ResponseTimeout = _responseTimeout);
            client.Configure<GatewayOptions>(o => o.GatewayListRefreshPeriod = TimeSpan.FromSeconds(2));
            client.UseConnectionRetryFilter(static async (_, stopping) =>
            {
                await Task.Delay(_retryConnecting, stopping);
                return true; // no silo yet: requests are told so, and it is tried again
            });
            client.Services.AddSingleton<ILifecycleParticipant<IClusterClientLifecycle>, ClientStart>();
            client.AddGatewayCountChangedHandler(static services =>
            {
                var link = services.GetRequiredService<ClusterLink>();
                return (_, _) => link.SilosChanged();
            });
            client.AddFanout(topology);
        });
    }

    /// <summary>A member of the cluster; alone in its process with <see cref="ClusterRole.Embedded"/>.</summary>
    public static IHostApplicationBuilder UseInboxSilo(this IHostApplicationBuilder host, InboxOptions options, TopologyOptions topology)
    {
        AddCommon(host.Services, topology);
        return host.UseOrleans(silo =>
        {
            if (topology.Role == ClusterRole.Embedded) UseSingleSilo(silo, topology);
            else UseCluster(silo, topology);
            silo.Configure<SiloMessagingOptions>(o => o.ResponseTimeout = _responseTimeout);
            silo.Configure<ClientMessagingOptions>(o => o.ResponseTimeout = _responseTimeout);
            silo.Configure<GrainCollectionOptions>(o => o.CollectionAge = options.IdleAfter);
            silo.AddInboxStorage(topology);
            silo.AddFanout(topology);
            silo.Services.AddSingleton(options);
            silo.Services.AddSingleton<FrontEndQueues>();
            silo.Services.AddSingleton<InboxServices>();
            silo.Services.AddSingleton<StorageHealthCheck>(); // one, for what it remembers
            silo.Services.AddHealthChecks().AddCheck<StorageHealthCheck>("storage");
            silo.Services.AddHostedService<WaitForStorage>();
            if (topology.Role == ClusterRole.CoHosted) silo.Services.AddHostedService<ClusterMembers>();
        });
    }

    /// <summary>Runs until it is told to end, which may be before it has started: it waits for storage, or for the first silo.</summary>
    public static async Task RunUntilShutdown(this IHost host)
    {
        var life = host.Services.GetRequiredService<IHostApplicationLifetime>();
        try
        {
            await host.StartAsync();
            await host.WaitForShutdownAsync();
        }
        catch (OperationCanceledException) when (life.ApplicationStopping.IsCancellationRequested)
        {
            // It has not started, and whoever disposes of it ends what has.
        }
    }

    private static void AddCommon(IServiceCollection services, TopologyOptions topology)
    {
        services.AddSingleton(new ClusterLink(topology.Role));
        // Or a caller elsewhere is not told that storage failed, but that the inner exception cannot travel.
        services.Configure<ExceptionSerializationOptions>(o => o.SupportedNamespacePrefixes.Add("StackExchange.Redis"));
        services.AddMetrics();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<InboxMetrics>();
    }

    private static void UseSingleSilo(ISiloBuilder silo, TopologyOptions topology) => silo.UseLocalhostClustering(
        topology.SiloPort != 0 ? topology.SiloPort : FreePort(),
        topology.GatewayPort != 0 ? topology.GatewayPort : FreePort(),
        serviceId: topology.ServiceId, clusterId: topology.ClusterId);

    /// <summary>Options measured on killed and frozen silos: found within seconds, and not on a hiccup.</summary>
    private static void UseCluster(ISiloBuilder silo, TopologyOptions topology)
    {
        silo.UseRedisClustering(static _ => { });
        silo.Services.AddOptions<RedisClusteringOptions>().Configure<RedisConnection>(static (options, redis) =>
        {
            options.ConfigurationOptions = new(); // it is checked that there is one
            options.CreateMultiplexer = async _ => (await redis.Multiplexer, true);
        });
        silo.Configure<ClusterOptions>(o => (o.ClusterId, o.ServiceId) = (topology.ClusterId, topology.ServiceId));
        if (topology.AdvertisedAddress is { } address) silo.ConfigureEndpoints(address, topology.SiloPort, topology.GatewayPort, listenOnAnyHostAddress: true);
        else silo.ConfigureEndpoints(topology.SiloPort, topology.GatewayPort, AddressFamily.InterNetwork, listenOnAnyHostAddress: true);
        silo.Configure<ClusterMembershipOptions>(o =>
        {
            o.ProbeTimeout = TimeSpan.FromSeconds(1);
            o.NumMissedProbesLimit = 3;
            o.TableRefreshTimeout = TimeSpan.FromSeconds(10);
            o.IAmAliveTablePublishTimeout = TimeSpan.FromSeconds(5);
            o.EnableConnectionLivenessCheck = false; // a frozen silo looks alive to it
        });
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
