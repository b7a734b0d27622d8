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

    /// <summary>Silo to silo. Nothing listens in <see cref="ClusterRole.Embedded"/>.</summary>
    public int SiloPort { get; init; } = 11_111;

    /// <summary>Client to silo. Nothing listens in <see cref="ClusterRole.Embedded"/>.</summary>
    public int GatewayPort { get; init; } = 30_000;

    /// <summary>Where other processes reach this silo; null: the machine's first address.</summary>
    public IPAddress? AdvertisedAddress { get; init; }

    /// <summary>Where this silo listens; null: at the address that it advertises, so that it is reached on no other network.</summary>
    public IPAddress? ListenAddress { get; init; }

    /// <summary>TLS between silos, and between front-ends and silos; null: none.</summary>
    public ClusterTlsOptions? Tls { get; init; }

    /// <summary>host:port of the Redis that holds the cluster's membership; null in <see cref="ClusterRole.Embedded"/> on SQLite.</summary>
    public string? Redis { get; init; }

    /// <param name="settings">Where they are read from.</param>
    /// <param name="defaultRole">What the program is when <c>Cluster:Role</c> is not set.</param>
    public static TopologyOptions Read(SettingsReader settings, ClusterRole defaultRole)
    {
        var defaults = new TopologyOptions();
        settings.OnlyKnown("Cluster", "Role", "ClusterId", "ServiceId", "SiloPort", "GatewayPort", "AdvertisedAddress", "ListenAddress", "Tls", "Dashboard");
        settings.OnlyKnown("Fanout");
        var role = Enum.Parse<ClusterRole>(settings.OneOf("Cluster:Role", defaultRole.ToString(), Enum.GetNames<ClusterRole>()));
        var redis = settings.Text("ConnectionStrings:Redis");
        if (role != ClusterRole.Embedded && redis is null)
            settings.Violation($"Cluster:Role {role} needs ConnectionStrings:Redis (host:port): the processes find each other there.");
        return new TopologyOptions
        {
            Role = role,
            ClusterId = settings.Text("Cluster:ClusterId") ?? defaults.ClusterId,
            ServiceId = settings.Text("Cluster:ServiceId") ?? defaults.ServiceId,
            SiloPort = settings.Number("Cluster:SiloPort", defaults.SiloPort, 1, 65_535),
            GatewayPort = settings.Number("Cluster:GatewayPort", defaults.GatewayPort, 1, 65_535),
            AdvertisedAddress = Address("Cluster:AdvertisedAddress"),
            ListenAddress = Address("Cluster:ListenAddress"),
            Tls = ClusterTlsOptions.Read(settings),
            Redis = redis,
        };

        IPAddress? Address(string name)
        {
            if (settings.Text(name) is not { } text) return null;
            if (!IPAddress.TryParse(text, out var address)) settings.Violation($"{name} has to be an IP address.");
            return address;
        }
    }
}
