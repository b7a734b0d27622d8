using Orleans.Hosting;
using StackExchange.Redis;

namespace OrleansInbox;

/// <summary>Orleans' Redis streams, in a build with <c>-p:RedisStreams=true</c>.</summary>
internal static class RedisFanout
{
    /// <summary>Without a bound it would grow for ever. What is cut off before it was read is found by reading back.</summary>
    private const long _maxLength = 10_000;

    public static void AddRedisFanout(this ISiloBuilder silo, TopologyOptions topology) => silo.AddRedisStreams(InboxLimits.StreamProvider,
        streams => streams.RedisStreamingOptions.Configure(options =>
        {
            options.ConfigurationOptions = ConfigurationOptions.Parse(topology.Redis!);
            options.MaxStreamLength = _maxLength;
        }));

    public static void AddRedisFanout(this IClientBuilder client, TopologyOptions topology) => client.AddRedisStreams(InboxLimits.StreamProvider,
        streams => streams.RedisStreamingOptions.Configure(options =>
        {
            options.ConfigurationOptions = ConfigurationOptions.Parse(topology.Redis!);
            options.MaxStreamLength = _maxLength;
        }));
}
