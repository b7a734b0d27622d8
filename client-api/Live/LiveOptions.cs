namespace OrleansInbox.ClientApi.Live;

/// <summary>Section <c>Live</c> of the configuration.</summary>
public sealed record LiveOptions
{
    /// <summary>Events that may wait for one connection; a reader that falls further behind is cut off and resumes (1–100,000).</summary>
    public int QueuePerConnection { get; init; } = 256;

    /// <summary>
    /// Bytes of events that may wait for the connections of one user. They share the events, and each queue is the end of the same sequence: the longest
    /// queue is all that the user holds, so this is a limit for each. A reader that falls further behind is cut off and resumes (64 KiB–256 MiB).
    /// </summary>
    public int QueuedBytesPerUser { get; init; } = 1024 * 1024;

    /// <summary>How long a connection may take to accept what is written to it; a reader that takes longer is cut off and resumes (1 s–5 min).</summary>
    public TimeSpan FlushTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Live connections and long polls of one user; one more is answered 429 (1–10,000).</summary>
    public int ConnectionsPerUser { get; init; } = 64;

    /// <summary>How often the lease on each watched inbox is renewed and its position compared; a third of the lease leaves room for two failures (1–15 s).</summary>
    public TimeSpan Renew { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often the front-end sends itself a probe to see that events come through (100 ms–1 min; in a cluster 0.5 s by default).</summary>
    public TimeSpan Probe { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>After so many lost probes in a row all inboxes are refreshed.</summary>
    internal int RefreshAfterLost { get; init; } = 1;

    /// <summary>After so many of them the front-end subscribes again.</summary>
    internal int ResubscribeAfterLost { get; init; } = 2;

    /// <summary>How long the answer of a grain, or a subscription, is waited for; then the call is given up and made again.</summary>
    internal TimeSpan CallTimeout { get; init; } = TimeSpan.FromSeconds(4.5);

    /// <summary>The pause before an inbox that could not be reached is called again.</summary>
    internal TimeSpan RetryAfter { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How often a comment line keeps a connection open (1 s–5 min).</summary>
    public TimeSpan Heartbeat { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Where silos die and inboxes come back elsewhere within seconds: measured on killed and frozen silos. In a single process it would be work for nothing.</summary>
    internal static readonly LiveOptions InCluster = new()
    {
        Probe = TimeSpan.FromSeconds(0.5),
        RefreshAfterLost = 3,
        ResubscribeAfterLost = 4,
        CallTimeout = TimeSpan.FromSeconds(2),
        RetryAfter = TimeSpan.FromSeconds(0.5),
    };

    public static LiveOptions Read(SettingsReader settings, ClusterRole role)
    {
        var defaults = role == ClusterRole.Embedded ? new LiveOptions() : InCluster;
        settings.OnlyKnown("Live", nameof(QueuePerConnection), nameof(QueuedBytesPerUser), nameof(FlushTimeout), nameof(ConnectionsPerUser), nameof(Renew),
            nameof(Probe), nameof(Heartbeat));
        return defaults with
        {
            QueuePerConnection = settings.Number("Live:QueuePerConnection", defaults.QueuePerConnection, 1, 100_000),
            QueuedBytesPerUser = settings.Number("Live:QueuedBytesPerUser", defaults.QueuedBytesPerUser, 64 * 1024, 256 * 1024 * 1024),
            FlushTimeout = settings.Time("Live:FlushTimeout", defaults.FlushTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5)),
            ConnectionsPerUser = settings.Number("Live:ConnectionsPerUser", defaults.ConnectionsPerUser, 1, 10_000),
            Renew = settings.Time("Live:Renew", defaults.Renew, TimeSpan.FromSeconds(1), InboxLimits.WatchLease / 2),
            Probe = settings.Time("Live:Probe", defaults.Probe, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(1)),
            Heartbeat = settings.Time("Live:Heartbeat", defaults.Heartbeat, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5)),
        };
    }
}
