using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Hosting;
using Orleans.Runtime.Hosting;
using OrleansInbox.Storage;
using OrleansInbox.Storage.Redis;
using OrleansInbox.Storage.Sqlite;

namespace OrleansInbox;

/// <summary>Where inboxes are kept: Redis when <c>ConnectionStrings:Redis</c> is set, else SQLite in <see cref="InboxOptions.DataPath"/>.</summary>
public static class InboxStorageHosting
{
    private const string _subscriptions = "PubSubStore";

    /// <summary>A front-end that died leaves a record behind; one that lives writes a new one after that time, when its probe does not come back.</summary>
    private static readonly TimeSpan _subscriptionExpiry = TimeSpan.FromDays(7);

    public static ISiloBuilder AddInboxStorage(this ISiloBuilder silo, IConfiguration configuration, TopologyOptions topology)
    {
        if (topology.Role == ClusterRole.Embedded) silo.AddMemoryGrainStorage(_subscriptions);
        else AddSubscriptions(silo, topology.Redis!);
        return configuration.GetConnectionString("Redis") is { } redis && !string.IsNullOrWhiteSpace(redis) ? AddRedis(silo, redis) : AddSqlite(silo);
    }

    /// <summary>In memory they would be forgotten with the silo that held them.</summary>
    private static void AddSubscriptions(ISiloBuilder silo, string redis) =>
        silo.AddRedisGrainStorage(_subscriptions, builder => builder.Configure<InboxOptions>((options, inbox) =>
        {
            options.ConfigurationOptions = RedisConnection.Configure(redis, inbox.StorageTimeout);
            options.EntryExpiry = _subscriptionExpiry;
        }));

    private static ISiloBuilder AddRedis(ISiloBuilder silo, string redis)
    {
        silo.Services.AddSingleton<IInboxLog>(services => new RedisInboxLog(
            redis, services.GetRequiredService<InboxOptions>(), services.GetRequiredService<TimeProvider>(), services.GetRequiredService<ILogger<RedisInboxLog>>()));
        return silo.AddRedisGrainStorage(InboxLimits.StateProvider, builder => builder.Configure<InboxOptions>((options, inbox) =>
        {
            options.ConfigurationOptions = RedisConnection.Configure(redis, inbox.StorageTimeout);
            options.GetStorageKey = (_, id) => RedisKeys.Marks(id.Key.ToString()!); // the log's hash slot
            options.GrainStorageSerializer = new JsonStateSerializer();
            options.EntryExpiry = null;
        }));
    }

    private static ISiloBuilder AddSqlite(ISiloBuilder silo)
    {
        silo.Services.AddSingleton(services => new SqliteDatabase(
            services.GetRequiredService<InboxOptions>(), services.GetRequiredService<TimeProvider>(), services.GetRequiredService<ILogger<SqliteDatabase>>()));
        silo.Services.AddSingleton<IInboxLog, SqliteInboxLog>();
        silo.Services.AddGrainStorage(InboxLimits.StateProvider, static (services, _) => new SqliteGrainStorage(services.GetRequiredService<SqliteDatabase>(), new JsonStateSerializer()));
        return silo;
    }
}
