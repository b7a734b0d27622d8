using Orleans.Runtime;
using Orleans.Storage;
using StackExchange.Redis;

namespace Orleans.Persistence;

public class RedisStorageOptions
{
    /// <summary>How to connect; or say so by <see cref="CreateMultiplexer"/>.</summary>
    public ConfigurationOptions? ConfigurationOptions { get; set; }

    /// <summary>A shared connection is not closed at the end.</summary>
    public Func<RedisStorageOptions, Task<(IConnectionMultiplexer Multiplexer, bool IsShared)>> CreateMultiplexer { get; set; } = DefaultCreateMultiplexer;

    /// <summary>By default <c>{ServiceId}/state/{grainId}/{stateName}</c>.</summary>
    public Func<string, GrainId, RedisKey>? GetStorageKey { get; set; }

    /// <summary>Has to be set: what the real Orleans would use by default (Newtonsoft.Json) is not here.</summary>
    public IGrainStorageSerializer GrainStorageSerializer { get; set; } = null!;

    /// <summary>Entries that were not written for this long are gone; null keeps them.</summary>
    public TimeSpan? EntryExpiry { get; set; }

    /// <summary>A cleared state leaves no key behind.</summary>
    public bool DeleteStateOnClear { get; set; }

    public static async Task<(IConnectionMultiplexer Multiplexer, bool IsShared)> DefaultCreateMultiplexer(RedisStorageOptions options) =>
        (await ConnectionMultiplexer.ConnectAsync(options.ConfigurationOptions), false);
}
