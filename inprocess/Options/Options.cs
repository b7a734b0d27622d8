using System.Net;

namespace Orleans.Configuration;

// The options of Orleans that this project sets. Those of a cluster are taken, and mean nothing inside one process.

public class ClusterOptions
{
    public const string DefaultClusterId = "default";
    public const string DefaultServiceId = "default";
    public string ClusterId { get; set; } = DefaultClusterId;

    /// <summary>Part of storage keys.</summary>
    public string ServiceId { get; set; } = DefaultServiceId;
}

public class SiloOptions
{
    public string SiloName { get; set; } = "";
}

public class EndpointOptions
{
    public const int DEFAULT_SILO_PORT = 11111;
    public const int DEFAULT_GATEWAY_PORT = 30000;
    public IPAddress AdvertisedIPAddress { get; set; } = IPAddress.Loopback;
    public int SiloPort { get; set; } = DEFAULT_SILO_PORT;
    public int GatewayPort { get; set; } = DEFAULT_GATEWAY_PORT;
    public IPEndPoint? SiloListeningEndpoint { get; set; }
    public IPEndPoint? GatewayListeningEndpoint { get; set; }
}

public class GrainCollectionOptions
{
    /// <summary>Idle for this long, an activation ends.</summary>
    public TimeSpan CollectionAge { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>How often that is looked for.</summary>
    public TimeSpan CollectionQuantum { get; set; } = TimeSpan.FromMinutes(1);
    public TimeSpan ActivationTimeout { get; set; } = TimeSpan.FromSeconds(30);
    public TimeSpan DeactivationTimeout { get; set; } = TimeSpan.FromSeconds(30);
}

public abstract class MessagingOptions
{
    /// <summary>A call that takes longer throws <see cref="TimeoutException"/>; it may go on all the same.</summary>
    public TimeSpan ResponseTimeout { get; set; } = TimeSpan.FromSeconds(30);
}

public class SiloMessagingOptions : MessagingOptions
{
    public TimeSpan SystemResponseTimeout { get; set; } = TimeSpan.FromSeconds(30);
}

public class ClientMessagingOptions : MessagingOptions;

public class ClusterMembershipOptions
{
    public TimeSpan ProbeTimeout { get; set; } = TimeSpan.FromSeconds(5);
    public int NumMissedProbesLimit { get; set; } = 3;
    public int NumProbedSilos { get; set; } = 10;
    public int NumVotesForDeathDeclaration { get; set; } = 2;
    public TimeSpan TableRefreshTimeout { get; set; } = TimeSpan.FromSeconds(60);
    public TimeSpan IAmAliveTablePublishTimeout { get; set; } = TimeSpan.FromSeconds(30);
    public TimeSpan DeathVoteExpirationTimeout { get; set; } = TimeSpan.FromSeconds(180);
    public TimeSpan DefunctSiloExpiration { get; set; } = TimeSpan.FromDays(7);
    public TimeSpan? DefunctSiloCleanupPeriod { get; set; } = TimeSpan.FromHours(1);
    public bool EnableConnectionLivenessCheck { get; set; } = true;
}

public class GatewayOptions
{
    public TimeSpan GatewayListRefreshPeriod { get; set; } = TimeSpan.FromMinutes(1);
}

public class StreamPullingAgentOptions
{
    public int BatchContainerBatchSize { get; set; } = 1;
    public TimeSpan GetQueueMsgsTimerPeriod { get; set; } = TimeSpan.FromMilliseconds(100);
    public TimeSpan InitQueueTimeout { get; set; } = TimeSpan.FromSeconds(5);
    public TimeSpan MaxEventDeliveryTime { get; set; } = TimeSpan.FromMinutes(1);
    public TimeSpan StreamInactivityPeriod { get; set; } = TimeSpan.FromMinutes(30);
}

public class HashRingStreamQueueMapperOptions
{
    public int TotalQueueCount { get; set; } = 8;
}
