namespace OrleansInbox.Silo;

/// <summary>What a silo is told by its configuration: sections <c>Inbox</c>, <c>Cluster</c>, <c>Fanout</c> and <c>ConnectionStrings:Redis</c>, as for a front-end.</summary>
internal static class SiloSettings
{
    /// <exception cref="InvalidSettingsException">With everything that is wrong.</exception>
    public static (InboxOptions Inbox, TopologyOptions Topology) Read(ConfigurationManager configuration)
    {
        if (string.IsNullOrWhiteSpace(configuration["Cluster:Role"])) configuration["Cluster:Role"] = nameof(ClusterRole.CoHosted);
        var settings = new SettingsReader(configuration);
        var read = (Inbox: InboxSettings.Read(settings), Topology: TopologyOptions.Read(settings));
        if (read.Topology.Role != ClusterRole.CoHosted)
            settings.Violation("Cluster:Role of a silo can only be CoHosted, or be left out: one process with everything in it is client-api (./start), and so is a Client.");
        return settings.Violations.Count == 0 ? read : throw new InvalidSettingsException(settings.Violations);
    }
}
