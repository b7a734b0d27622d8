using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace OrleansInbox.Storage.Redis;

/// <summary>Warns of a Redis whose settings lose what was acknowledged. By INFO, because many hosted ones refuse CONFIG; in a script, because the client has INFO for administrators only.</summary>
internal static partial class RedisDurability
{
    public static async Task Check(IDatabase database, ILogger logger)
    {
        try
        {
            var info = ((string?)await database.ScriptEvaluateAsync("return redis.call('INFO')"))?.Split("\r\n") ?? [];
            if (Value(info, "maxmemory_policy:") is { } policy and not "noeviction") LogEvicts(logger, policy);
            if (Value(info, "aof_enabled:") == "0") LogNoFile(logger);
        }
        catch (Exception e) when (e is RedisException or TimeoutException or ObjectDisposedException)
        {
            LogUnknown(logger, e);
        }
    }

    private static string? Value(string[] info, string name) => info.FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal))?[name.Length..];

    [LoggerMessage(Level = LogLevel.Warning, Message = "Redis has maxmemory-policy {Policy}: when its memory is full it drops notifications that were acknowledged. Set noeviction.")]
    private static partial void LogEvicts(ILogger logger, string policy);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Redis has no append-only file: when it ends, notifications that were acknowledged are lost. Set appendonly yes.")]
    private static partial void LogNoFile(ILogger logger);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Whether Redis keeps what it is told could not be asked.")]
    private static partial void LogUnknown(ILogger logger, Exception failure);
}
