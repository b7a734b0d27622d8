using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Orleans.Clustering.Redis;
using Orleans.Configuration;
using Orleans.Connections.Security;
using Orleans.Hosting;
using Orleans.Serialization;
using OrleansInbox.Announcements;
using OrleansInbox.Backups;
using OrleansInbox.Due;
using OrleansInbox.Fanout;
using OrleansInbox.Inboxes;
using OrleansInbox.Ingest;
using OrleansInbox.Storage.Redis;
using OrleansInbox.Telemetry;
using OrleansInbox.Topics;
using OrleansInbox.Webhooks;

namespace OrleansInbox;

/// <summary>Adds inboxes to a host: as a silo, or as a client of silos elsewhere.</summary>
public static class InboxHosting
{
    /// <summary>Below 5 s: a caller of the API has an answer within that time, also when a silo is gone.</summary>
    private static readonly TimeSpan _responseTimeout = TimeSpan.FromSeconds(4.5);

    private static readonly TimeSpan _retryConnecting = TimeSpan.FromSeconds(1);

    /// <summary>By <see cref="TopologyOptions.Role"/>: <see cref="UseInboxSilo"/>, or a client of silos elsewhere.</summary>
    public static IHostApplicationBuilder UseInbox(this IHostApplicationBuilder host, InboxOptions options, TopologyOptions topology, IngestOptions? ingest = null, WebhookOptions? webhooks = null)
    {
        if (topology.Role != ClusterRole.Client) return host.UseInboxSilo(options, topology, ingest, webhooks);
        AddCommon(host.Services, topology);
        host.Services.AddHealthChecks().AddCheck<SiloReachableHealthCheck>("silo");
        host.Services.Configure<HostOptions>(o => o.ServicesStartConcurrently = true); // HTTP has to answer before a silo is reached
        return host.UseOrleansClient(client =>
        {
            client.UseRedisClustering(topology.Redis!);
            client.Configure<ClusterOptions>(o => (o.ClusterId, o.ServiceId) = (topology.ClusterId, topology.ServiceId));
            if (topology.Tls is { } tls) client.UseTls(options => Configure(options, tls));
            client.Configure<ClientMessagingOptions>(o => o.ResponseTimeout = _responseTimeout);
            client.Configure<GatewayOptions>(o => o.GatewayListRefreshPeriod = TimeSpan.FromSeconds(2));
            client.UseConnectionRetryFilter(static async (failure, stopping) =>
            {
                if (RedisConnection.Unusable(failure) is { } unusable) throw unusable;
                await Task.Delay(_retryConnecting, stopping);
                return true; // requests are answered 503 meanwhile
            });
            client.Services.AddSingleton<ILifecycleParticipant<IClusterClientLifecycle>, ClientStart>();
            client.AddGatewayCountChangedHandler(static services =>
            {
                var link = services.GetRequiredService<ClusterLink>();
                return (_, _) => link.SilosChanged();
            });
            client.AddFanout();
        });
    }

    /// <summary>A member of the cluster, which also reads the streams of <paramref name="ingest"/> and calls the endpoints of <paramref name="webhooks"/>; the only one with <see cref="ClusterRole.Embedded"/>.</summary>
    public static IHostApplicationBuilder UseInboxSilo(this IHostApplicationBuilder host, InboxOptions options, TopologyOptions topology, IngestOptions? ingest = null, WebhookOptions? webhooks = null)
    {
        AddCommon(host.Services, topology);
        return host.UseOrleans(silo =>
        {
            if (topology.Role == ClusterRole.Embedded) UseSingleSilo(silo, topology);
            else UseCluster(silo, topology);
            silo.Configure<SiloMessagingOptions>(o => o.ResponseTimeout = _responseTimeout);
            silo.Configure<ClientMessagingOptions>(o => o.ResponseTimeout = _responseTimeout);
            silo.Configure<GrainCollectionOptions>(o => o.CollectionAge = options.IdleAfter);
            silo.AddInboxes(options, topology, ingest, webhooks);
        });
    }

    /// <summary>Inboxes in a silo, however it finds its cluster.</summary>
    internal static ISiloBuilder AddInboxes(this ISiloBuilder silo, InboxOptions options, TopologyOptions topology, IngestOptions? ingest, WebhookOptions? webhooks)
    {
        silo.AddInboxStorage(topology);
        silo.AddFanout();
        silo.AddDue(webhooks ?? new WebhookOptions());
        if (topology.Redis is not null) silo.AddIngest(ingest ?? new IngestOptions());
        silo.Services.AddSingleton(options);
        silo.Services.AddSingleton<SiloAnnouncements>();
        silo.Services.AddHostedService(static services => services.GetRequiredService<SiloAnnouncements>());
        silo.Services.AddSingleton<InboxServices>();
        silo.Services.AddSingleton<TopicServices>();
        silo.Services.AddSingleton<StorageHealthCheck>(); // one instance: it caches the answer
        silo.Services.AddHealthChecks().AddCheck<StorageHealthCheck>("storage");
        silo.Services.AddHostedService<WaitForStorage>();
        if (topology is { Role: ClusterRole.Embedded, Redis: not null })
            silo.Services.AddHostedService<ServerLease>();
        if (topology.Role == ClusterRole.CoHosted) silo.Services.AddHostedService<ClusterMembers>();
        if (options.Backup.Every is not null) AddScheduledBackups(silo.Services);
        return silo;
    }

    /// <summary>Runs until the host is asked to stop, which may be before it has started: the start waits for storage, or for the first silo.</summary>
    /// <exception cref="StorageUnusableException">Storage cannot be used, or not any more.</exception>
    public static async Task RunUntilShutdown(this IHost host)
    {
        var life = host.Services.GetRequiredService<IHostApplicationLifetime>();
        try
        {
            await host.StartAsync();
            await host.WaitForShutdownAsync();
            if (host.Services.GetServices<IHostedService>().OfType<ServerLease>().SingleOrDefault()?.Lost is { } lost) throw lost;
        }
        catch (OperationCanceledException) when (life.ApplicationStopping.IsCancellationRequested)
        {
            // Asked to stop while it was starting: disposing the host stops the services that had started.
        }
    }

    private static void AddScheduledBackups(IServiceCollection services)
    {
        services.AddSingleton<BackupStatus>();
        services.AddHealthChecks().AddCheck<BackupStatus>("backup");
        services.AddHostedService<ScheduledBackups>();
    }

    internal static void AddCommon(IServiceCollection services, TopologyOptions topology)
    {
        services.AddSingleton(new ClusterLink(topology.Role));
        services.AddSingleton<InboxGrains>();
        // Without it the inner exception could not be serialized, and a caller in another process would not learn that storage failed.
        services.Configure<ExceptionSerializationOptions>(o => o.SupportedNamespacePrefixes.Add("StackExchange.Redis"));
        services.AddMetrics();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<InboxMetrics>();
    }

    /// <summary>Known by its address to itself alone: nothing listens there.</summary>
    private static void UseSingleSilo(ISiloBuilder silo, TopologyOptions topology)
    {
        silo.UseLocalhostClustering(topology.SiloPort, gatewayPort: 0, serviceId: topology.ServiceId, clusterId: topology.ClusterId);
        NoConnections.Use(silo.Services);
        // The whole directory is here. A cache of it holds 1 to 2 KiB more for each inbox in memory, and is kept up at each call.
        silo.Configure<GrainDirectoryOptions>(static o => (o.CachingStrategy, o.CacheSize) = (GrainDirectoryOptions.CachingStrategyType.None, 1_000));
    }

    private static void Configure(TlsOptions options, ClusterTlsOptions tls)
    {
        options.LocalCertificate = tls.Certificate;
        options.RemoteCertificateMode = RemoteCertificateMode.RequireCertificate;
        options.ClientCertificateMode = RemoteCertificateMode.RequireCertificate;
        options.RemoteCertificateValidation = (other, _, _) => tls.Accepts(other);
        options.OnAuthenticateAsClient = (_, handshake) => handshake.TargetHost = "orleansinbox"; // only the issuer counts
    }

    /// <summary>Measured with killed and frozen silos (bench/README.md, Chaos): they are found within seconds, and a short pause is no death.</summary>
    private static void UseCluster(ISiloBuilder silo, TopologyOptions topology)
    {
        silo.UseRedisClustering(static _ => { });
        silo.Services.AddOptions<RedisClusteringOptions>().Configure<RedisConnection>(static (options, redis) =>
        {
            options.ConfigurationOptions = new(); // Orleans checks that it is set, and then uses CreateMultiplexer
            options.CreateMultiplexer = async _ => (await redis.Multiplexer, true);
        });
        silo.Configure<ClusterOptions>(o => (o.ClusterId, o.ServiceId) = (topology.ClusterId, topology.ServiceId));
        if (topology.AdvertisedAddress is { } address) silo.ConfigureEndpoints(address, topology.SiloPort, topology.GatewayPort);
        else silo.ConfigureEndpoints(topology.SiloPort, topology.GatewayPort, AddressFamily.InterNetwork);
        if (topology.ListenAddress is { } listen) silo.Configure<EndpointOptions>(o =>
            (o.SiloListeningEndpoint, o.GatewayListeningEndpoint) = (new IPEndPoint(listen, topology.SiloPort), new IPEndPoint(listen, topology.GatewayPort)));
        if (topology.Tls is { } tls) silo.UseTls(options => Configure(options, tls));
        KilledSilos.Use(silo.Services);
        silo.Configure<ClusterMembershipOptions>(o =>
        {
            o.ProbeTimeout = TimeSpan.FromSeconds(1);
            o.NumMissedProbesLimit = 3;
            o.TableRefreshTimeout = TimeSpan.FromSeconds(10);
            o.IAmAliveTablePublishTimeout = TimeSpan.FromSeconds(5);
            o.EnableConnectionLivenessCheck = false; // a frozen silo looks alive to it
        });
    }
}
