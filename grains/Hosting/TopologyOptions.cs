using System.Net;

namespace OrleansInbox;

public enum ClusterRole
{
    /// <summary>Silo and front-end in one process, and no other.</summary>
    Embedded,

    /// <summary>Silo and front-end in each process, clustered by Redis.</summary>
    CoHosted,

    /// <summary>A front-end alone; the silos run elsewhere.</summary>
    Client,
}

/// <summary>How events reach front-ends.</summary>
public enum FanoutProvider
{
    /// <summary>Orleans' memory streams.</summary>
    Memory,

    /// <summary>Calls to the front-ends: no queue, no polling.</summary>
    Observer,
}

/// <summary>Sections <c>Cluster</c> and <c>Fanout</c> of the configuration: which processes there are, and how events reach front-ends.</summary>
public sealed record TopologyOptions
{
    public ClusterRole Role { get; init; } = ClusterRole.Embedded;

    /// <summary>Silos and front-ends with the same id find each other.</summary>
    public string ClusterId { get; init; } = "orleansinbox";

    /// <summary>Names the data; stays when a cluster is replaced by another.</summary>
    public string ServiceId { get; init; } = "orleansinbox";

    /// <summary>Silo to silo; 0 in <see cref="ClusterRole.Embedded"/>: any free one.</summary>
    public int SiloPort { get; init; } = 11_111;

    /// <summary>Client to silo; 0 in <see cref="ClusterRole.Embedded"/>: any free one.</summary>
    public int GatewayPort { get; init; } = 30_000;

    /// <summary>Where other processes reach this silo; null: the machine's first address.</summary>
    public IPAddress? AdvertisedAddress { get; init; }

    /// <summary>host:port of the Redis that holds the cluster's membership; null in <see cref="ClusterRole.Embedded"/> on SQLite.</summary>
    public string? Redis { get; init; }

    /// <summary>The same on every silo and front-end.</summary>
    public FanoutProvider Provider { get; init; } = FanoutProvider.Memory;

    /// <summary>Queues of the fan-out stream; the same on every silo and front-end (1–64).</summary>
    public int Queues { get; init; } = 1;

    /// <summary>How often a silo looks into the queues: latency against idle work (1 ms–1 s).</summary>
    public TimeSpan PullPeriod { get; init; } = TimeSpan.FromMilliseconds(10);

    public static TopologyOptions Read(SettingsReader settings)
    {
        var defaults = new TopologyOptions();
        settings.OnlyKnown("Cluster", "Role", "ClusterId", "ServiceId", "SiloPort", "GatewayPort", "AdvertisedAddress", "Dashboard");
        settings.OnlyKnown("Fanout", "Provider", "Queues", "PullPeriod");
        var role = Enum.Parse<ClusterRole>(settings.OneOf("Cluster:Role", nameof(ClusterRole.Embedded), Enum.GetNames<ClusterRole>()));
        var address = settings.Text("Cluster:AdvertisedAddress");
        if (!IPAddress.TryParse(address, out var advertised) && address is not null)
            settings.Violation("Cluster:AdvertisedAddress has to be an IP address.");
        var redis = settings.Text("ConnectionStrings:Redis");
        if (role != ClusterRole.Embedded && redis is null)
            settings.Violation($"Cluster:Role {role} needs ConnectionStrings:Redis (host:port): the processes find each other there.");
        return new TopologyOptions
        {
            Role = role,
            ClusterId = settings.Text("Cluster:ClusterId") ?? defaults.ClusterId,
            ServiceId = settings.Text("Cluster:ServiceId") ?? defaults.ServiceId,
            SiloPort = settings.Number("Cluster:SiloPort", role == ClusterRole.Embedded ? 0 : defaults.SiloPort, 0, 65_535),
            GatewayPort = settings.Number("Cluster:GatewayPort", role == ClusterRole.Embedded ? 0 : defaults.GatewayPort, 0, 65_535),
            AdvertisedAddress = advertised,
            Redis = redis,
            Provider = Enum.Parse<FanoutProvider>(settings.OneOf("Fanout:Provider", nameof(FanoutProvider.Memory), Enum.GetNames<FanoutProvider>())),
            Queues = settings.Number("Fanout:Queues", defaults.Queues, 1, 64),
            PullPeriod = settings.Time("Fanout:PullPeriod", defaults.PullPeriod, TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(1)),
        };
    }
}
