using OrleansInbox.ClientApi.Dashboard;
using OrleansInbox.ClientApi.Live;
using OrleansInbox.Ingest;
using OrleansInbox.Webhooks;

namespace OrleansInbox.ClientApi;

/// <summary>Everything that a front-end reads from its configuration. What a setting means stands with its record.</summary>
public sealed record FrontEndSettings(AuthOptions Auth, InboxOptions Inbox, TopologyOptions Topology, LiveOptions Live, RateLimitOptions RateLimit, CorsOptions Cors)
{
    /// <summary>Streams that are read as publishes.</summary>
    public IngestOptions Ingest { get; init; } = new();

    /// <summary>Who is told.</summary>
    public WebhookOptions Webhooks { get; init; } = new();

    /// <summary>Orleans' dashboard at <c>/dashboard</c>.</summary>
    public bool Dashboard { get; init; }

    /// <exception cref="InvalidSettingsException">With all violations.</exception>
    public static FrontEndSettings Read(IConfiguration configuration, bool development)
    {
        var settings = new SettingsReader(configuration);
        var topology = TopologyOptions.Read(settings, defaultRole: ClusterRole.Embedded);
        var read = new FrontEndSettings(AuthOptions.Read(settings, development), InboxOptions.Read(settings), topology,
            LiveOptions.Read(settings, topology.Role), RateLimitOptions.Read(settings), CorsOptions.Read(settings))
        { Dashboard = DashboardHosting.Read(settings, topology.Role, development), Ingest = IngestOptions.Read(settings, topology), Webhooks = WebhookOptions.ReadFrom(settings, topology) };
        settings.ThrowIfInvalid();
        return read;
    }
}
