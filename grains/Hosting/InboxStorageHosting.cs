using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Orleans.Hosting;
using Orleans.Persistence;
using Orleans.Runtime.Hosting;
using Orleans.Storage;
using OrleansInbox.Storage;
using OrleansInbox.Storage.Redis;
using OrleansInbox.Storage.Sqlite;
using OrleansInbox.Topics;

namespace OrleansInbox;

/// <summary>Where inboxes are kept: Redis when <c>ConnectionStrings:Redis</c> is set, else SQLite in <see cref="InboxOptions.DataPath"/>.</summary>
public static class InboxStorageHosting
{
    private const string _subscriptions = "PubSubStore";

    /// <summary>Removes the subscription that a dead front-end leaves behind. A live front-end whose record expires subscribes again, as soon as its probe does not come back.</summary>
    private static readonly TimeSpan _subscriptionExpiry = TimeSpan.FromDays(7);

    public static ISiloBuilder AddInboxStorage(this ISiloBuilder silo, TopologyOptions topology)
    {
        silo.Services.TryAddSingleton<SteadyClock>();
        silo.Services.TryAddSingleton<TopicLimits>();
        if (topology.Redis is { } redis) AddConnection(silo.Services, redis);
        var hasSubscriptions = silo.Services.Any(static service => service.ServiceType == typeof(IGrainStorage) && service.ServiceKey is _subscriptions); // a silo of somebody's own may
        if (!hasSubscriptions && topology.Role == ClusterRole.Embedded) silo.AddMemoryGrainStorage(_subscriptions);
        else if (!hasSubscriptions) AddSubscriptions(silo);
        return topology.Redis is null ? AddSqlite(silo) : AddRedis(silo);
    }

    private static void AddConnection(IServiceCollection services, string redis) => services.AddSingleton(provider => new RedisConnection(
        redis, provider.GetRequiredService<InboxOptions>().StorageTimeout, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<RedisConnection>>(),
        provider.GetRequiredService<SteadyClock>(), provider.GetRequiredService<InboxOptions>().WaitReplicas));

    /// <summary>In Redis: in memory they would be lost with the silo that held them.</summary>
    private static void AddSubscriptions(ISiloBuilder silo) => silo.AddRedisGrainStorage(_subscriptions, builder => builder.Configure<RedisConnection>((options, redis) =>
    {
        Share(options, redis);
        options.EntryExpiry = _subscriptionExpiry;
    }));

    private static ISiloBuilder AddRedis(ISiloBuilder silo)
    {
        silo.Services.AddSingleton<IInboxLog, RedisInboxLog>();
        silo.Services.AddSingleton<IWaitingStore, RedisWaitingStore>();
        silo.Services.AddSingleton<ITopicStore>(static services => new RedisTopicStore(services.GetRequiredService<RedisConnection>(), () => services.GetRequiredService<SteadyClock>().Now, services.GetRequiredService<TopicLimits>()));
        silo.Services.AddSingleton<IInboxArchive, RedisInboxArchive>();
        silo.Services.AddGrainStorage(InboxLimits.StateProvider, static (services, _) => new RedisStateStorage(services.GetRequiredService<RedisConnection>(), new JsonStateSerializer()));
        return silo;
    }

    private static void Share(RedisStorageOptions options, RedisConnection redis)
    {
        options.ConfigurationOptions = new(); // Orleans checks that it is set, and then uses CreateMultiplexer
        options.CreateMultiplexer = async _ => (await redis.Multiplexer, true);
    }

    private static ISiloBuilder AddSqlite(ISiloBuilder silo)
    {
        silo.Services.AddSingleton(services => new SqliteDatabase(
            services.GetRequiredService<InboxOptions>(), services.GetRequiredService<TimeProvider>(), services.GetRequiredService<ILogger<SqliteDatabase>>(), services.GetRequiredService<SteadyClock>()));
        silo.Services.AddSingleton<IInboxLog, SqliteInboxLog>();
        silo.Services.AddSingleton<IWaitingStore, SqliteWaitingStore>();
        silo.Services.AddSingleton<ITopicStore, SqliteTopicStore>();
        silo.Services.AddSingleton<IInboxArchive>(static services => new SqliteInboxArchive(services.GetRequiredService<InboxOptions>(), services.GetRequiredService<TimeProvider>()));
        silo.Services.AddGrainStorage(InboxLimits.StateProvider, static (services, _) => new SqliteGrainStorage(services.GetRequiredService<SqliteDatabase>(), new JsonStateSerializer()));
        return silo;
    }
}
