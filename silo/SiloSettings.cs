using OrleansInbox.Ingest;
using OrleansInbox.Webhooks;

namespace OrleansInbox.Silo;

/// <summary>What a silo reads from its configuration: sections <c>Inbox</c>, <c>Cluster</c>, <c>Ingest</c>, <c>Webhooks</c>, <c>Fanout</c> and <c>ConnectionStrings:Redis</c>, as a front-end does.</summary>
internal sealed record SiloSettings(InboxOptions Inbox, TopologyOptions Topology, IngestOptions Ingest, WebhookOptions Webhooks)
{
    /// <exception cref="InvalidSettingsException">With all violations.</exception>
    public static SiloSettings Read(IConfiguration configuration)
    {
        var settings = new SettingsReader(configuration);
        var topology = TopologyOptions.Read(settings, defaultRole: ClusterRole.CoHosted);
        var read = new SiloSettings(InboxOptions.Read(settings), topology, IngestOptions.Read(settings, topology), WebhookOptions.ReadFrom(settings, topology));
        if (read.Topology.Role != ClusterRole.CoHosted)
            settings.Violation("Cluster:Role of a silo can only be CoHosted, or be left out: one process with everything in it is client-api (./start), and so is a Client.");
        settings.ThrowIfInvalid();
        return read;
    }
}
