using Orleans.Hosting;

namespace OrleansInbox;

/// <summary>
/// Orleans' Redis streams are a prerelease package, which not every registry carries: built with <c>-p:RedisStreams=true</c> this file gives way to
/// <c>RedisFanout.Streams.cs</c>.
/// </summary>
internal static class RedisFanout
{
    private const string _refusal = "Fanout:Provider Redis needs a build with -p:RedisStreams=true (the prerelease package Microsoft.Orleans.Streaming.Redis); this one has Memory and Observer.";

    public static void AddRedisFanout(this ISiloBuilder silo, TopologyOptions topology) => throw new InvalidSettingsException(_refusal);

    public static void AddRedisFanout(this IClientBuilder client, TopologyOptions topology) => throw new InvalidSettingsException(_refusal);
}
