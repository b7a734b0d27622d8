using Orleans.Clustering.Redis;
using Orleans.Hosting;
using Orleans.InProcess;
using StackExchange.Redis;

namespace Orleans.Clustering.Redis
{
    public class RedisClusteringOptions
    {
        public ConfigurationOptions? ConfigurationOptions { get; set; }
        public Func<RedisClusteringOptions, Task<(IConnectionMultiplexer Multiplexer, bool IsShared)>> CreateMultiplexer { get; set; } = null!;
        public TimeSpan? EntryExpiry { get; set; }
    }
}

namespace Microsoft.Extensions.Hosting
{
    public static class RedisClusteringISiloBuilderExtensions
    {
        public static ISiloBuilder UseRedisClustering(this ISiloBuilder builder, Action<RedisClusteringOptions> configuration)
        {
            builder.Services.Refuse("clustering by Redis");
            return builder;
        }

        public static ISiloBuilder UseRedisClustering(this ISiloBuilder builder, string redisConnectionString) => builder.UseRedisClustering(_ => { });
    }

    public static class RedisClusteringIClientBuilderExtensions
    {
        public static IClientBuilder UseRedisClustering(this IClientBuilder builder, Action<RedisClusteringOptions> configuration)
        {
            builder.Services.Refuse("clustering by Redis");
            return builder;
        }

        public static IClientBuilder UseRedisClustering(this IClientBuilder builder, string redisConnectionString) => builder.UseRedisClustering(_ => { });
    }
}
