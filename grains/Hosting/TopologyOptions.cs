using System.Net;

namespace OrleansInbox;

public enum ClusterRole
{
    /// <summary>One process that is both silo and front-end.</summary>
    Embedded,

    /// <summary>Processes that are both silo and front-end, clustered by Redis.</summary>
    CoHosted,

    /// <summary>A front-end alone; the silos run elsewhere.</summary>
    Client,
}

/// <summary>Section <c>Cluster</c> of the configuration: which processes there are.</summary>
public sealed record TopologyOptions
{
    public ClusterRole Role { get; init; } = ClusterRole.Embedded;

    /// <summary>Silos and front-ends with the same id form one cluster.</summary>
    public string ClusterId { get; init; } = "orleansinbox";

    /// <summary>Names the data in storage; stays the same when the cluster is replaced by another.</summary>
    public string ServiceId { get; init; } = "orleansinbox";

    /// <summary>Silo to silo; 0 in <see cref="ClusterRole.Embedded"/>: any free one.</summary>
    public int SiloPort { get; init; } = 11_111;

    /// <summary>Client to silo; 0 in <see cref="ClusterRole.Embedded"/>: any free one.</summary>
    public int GatewayPort { get; init; } = 30_000;

    /// <summary>Where other processes reach this silo; null: the machine's first address.</summary>
    public IPAddress? AdvertisedAddress { get; init; }

    /// <summary>host:port of the Redis that holds the cluster's membership; null in <see cref="ClusterRole.Embedded"/> on SQLite.</summary>
    public string? Redis { get; init; }

    /// <param name="settings">Where they are read from.</param>
    /// <param name="defaultRole">What the program is when <c>Cluster:Role</c> is not set.</param>
    public static TopologyOptions Read(SettingsReader settings, ClusterRole defaultRole)
    {
        var defaults = new TopologyOptions();
        settings.OnlyKnown("Cluster", "Role", "ClusterId", "ServiceId", "SiloPort", "GatewayPort", "AdvertisedAddress", "Dashboard");
        settings.OnlyKnown("Fanout");
        var role = Enum.Parse<ClusterRole>(settings.OneOf("Cluster:Role", defaultRole.ToString(), Enum.GetNames<ClusterRole>()));
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
        };
    }
}
