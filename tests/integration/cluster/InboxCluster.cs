using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;
using Orleans.Runtime;
using Orleans.TestingHost;

namespace OrleansInbox.Tests.Cluster;

/// <summary>Silos of one cluster and one Orleans client, in this process and without sockets between them, on a real Redis.</summary>
internal static class InboxCluster
{
    public static async Task<InProcessTestCluster> Start(RedisServer redis, short silos)
    {
        var topology = new TopologyOptions { Role = ClusterRole.CoHosted, Redis = redis.Address };
        var builder = new InProcessTestClusterBuilder(silos);
        builder.Options.ConfigureFileLogging = false;
        builder.ConfigureSiloHost((_, host) =>
        {
            host.UseInboxSilo(new InboxOptions(), topology);
            host.Services.Configure<ClusterMembershipOptions>(o => o.LivenessEnabled = false); // nobody dies here: a silo that is slow on a busy machine is not declared dead
            host.Services.Configure<EndpointOptions>(o => (o.SiloListeningEndpoint, o.GatewayListeningEndpoint) = (null, null)); // where the others look for it
        });
        builder.ConfigureClientHost(host => host.UseInbox(new InboxOptions(), topology with { Role = ClusterRole.Client }));
        var cluster = builder.Build();
        await cluster.DeployAsync();
        return cluster;
    }

    public static IInboxGrain Inbox(this InProcessTestCluster cluster, string user) => cluster.Client.GetGrain<IInboxGrain>(InboxKey.Of(InboxKey.DefaultTenant, user));

    /// <summary>The silo of its activation; null when it has none.</summary>
    public static SiloAddress? SiloOf(this InProcessTestCluster cluster, IInboxGrain inbox) =>
        cluster.TryGetGrainContext(inbox.GetGrainId(), out var activation) ? activation.Address.SiloAddress : null;
}
