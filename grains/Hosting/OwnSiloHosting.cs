using Microsoft.Extensions.Configuration;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Serialization.TypeSystem;
using OrleansInbox.Inboxes;
using OrleansInbox.Ingest;
using OrleansInbox.Webhooks;

namespace OrleansInbox;

/// <summary>Inboxes in a silo of your own. How it finds its cluster, its time-outs and its other grains stay as they are.</summary>
public static class OwnSiloHosting
{
    /// <summary>Adds inboxes, which grains and clients then call as <see cref="IInboxGrain"/>. The silo starts once storage answers.</summary>
    /// <param name="silo">The silo.</param>
    /// <param name="options">Null: as they are by default.</param>
    /// <param name="redis">The Redis that keeps the inboxes, as <c>host:port[,options]</c>: the same for all silos of the cluster, and no other cluster's.
    /// Null: they are kept in a SQLite file in <see cref="InboxOptions.DataPath"/>, and this silo has to be the only one.</param>
    /// <param name="ingest">Streams that publishers write to; with Redis only.</param>
    /// <param name="webhooks">Endpoints that are told of notifications which nobody looked at.</param>
    public static ISiloBuilder AddOrleansInbox(this ISiloBuilder silo, InboxOptions? options = null, string? redis = null, IngestOptions? ingest = null, WebhookOptions? webhooks = null)
    {
        options ??= new();
        var topology = Topology(redis);
        InboxHosting.AddCommon(silo.Services, topology);
        silo.Configure<GrainCollectionOptions>(collection => collection.ClassSpecificCollectionAge[RuntimeTypeNameFormatter.Format(typeof(InboxGrain))] = options.IdleAfter);
        return silo.AddInboxes(options, topology, ingest, webhooks);
    }

    /// <summary>As the silo of OrleansInbox reads it: sections <c>Inbox</c>, <c>Storage</c>, <c>Backup</c>, <c>Ingest</c> and <c>Webhooks</c>, and <c>ConnectionStrings:Redis</c>.</summary>
    /// <param name="silo">The silo.</param>
    /// <param name="configuration">The whole configuration, or a section that has these in it.</param>
    /// <exception cref="InvalidSettingsException">With all violations.</exception>
    public static ISiloBuilder AddOrleansInbox(this ISiloBuilder silo, IConfiguration configuration)
    {
        var settings = new SettingsReader(configuration);
        var topology = Topology(settings.Text("ConnectionStrings:Redis"));
        var (options, ingest, webhooks) = (InboxOptions.Read(settings), IngestOptions.Read(settings, topology), WebhookOptions.ReadFrom(settings, topology));
        settings.ThrowIfInvalid();
        return silo.AddOrleansInbox(options, topology.Redis, ingest, webhooks);
    }

    private static TopologyOptions Topology(string? redis) => new() { Role = redis is null ? ClusterRole.Embedded : ClusterRole.CoHosted, Redis = redis };
}
