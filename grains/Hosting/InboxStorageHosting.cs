using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Hosting;
using OrleansInbox.Storage;
using OrleansInbox.Storage.Redis;

namespace OrleansInbox;

/// <summary>Redis when <c>ConnectionStrings:Redis</c> is set.</summary>
public static class InboxStorageHosting
{
    public static ISiloBuilder AddInboxStorage(this ISiloBuilder silo, IConfiguration configuration)
    {
        var redis = configuration.GetConnectionString("Redis") ?? throw new NotSupportedException("SQLite is on its way.");
        silo.Services.AddSingleton<IInboxLog>(services => new RedisInboxLog(
            redis, services.GetRequiredService<InboxOptions>(), services.GetRequiredService<TimeProvider>(), services.GetRequiredService<ILogger<RedisInboxLog>>()));
        return silo.AddRedisGrainStorage(InboxLimits.StateProvider, options =>
        {
            options.ConfigurationOptions = RedisConnection.Configure(redis, new InboxOptions().StorageTimeout);
            options.GetStorageKey = (_, id) => $"inbox:{{{id.Key}}}:marks";
            options.GrainStorageSerializer = new JsonStateSerializer();
        }).AddMemoryGrainStorage("PubSubStore");
    }
}
