using System.Security.Authentication;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace OrleansInbox.Storage.Redis;

/// <summary>What is found out about Redis itself: at each connection what it does to what it acknowledged, and why there is no connection.</summary>
public sealed partial class RedisConnection
{
    private volatile Task? _inspected;
    private volatile bool _knowsFlags;

    /// <summary>After it, what is told of the last connection is known.</summary>
    internal async Task Inspected() => await (_inspected ??= Inspect((await Multiplexer).GetDatabase()));

    /// <summary>What this Redis may do to what it acknowledged, in sentences; as of the last connection.</summary>
    internal IReadOnlyList<string> Warnings { get; private set; } = [];

    /// <summary>It drops what it acknowledged when its memory is full; null: it does not, or that cannot be asked.</summary>
    internal string? Evicts { get; private set; }

    /// <summary>When Redis was found to be another run than the one that was written to: what was written before may have lost its end. Null: never, or that cannot be asked.</summary>
    internal DateTimeOffset? SetBackAt { get; private set; }

    /// <summary>Connects once more, apart from the shared connection, which goes on trying and does not tell why it fails.</summary>
    /// <returns>Why there is no connection; null when there is one.</returns>
    /// <exception cref="StorageUnusableException">Redis refuses the credentials, or its certificate is not trusted.</exception>
    internal async Task<string?> FindFailure()
    {
        var options = Configure(_configuration, _timeout);
        (options.AbortOnConnectFail, options.ConnectRetry) = (true, 1);
        try
        {
            await using var probe = await ConnectionMultiplexer.ConnectAsync(options);
            return null;
        }
        catch (RedisConnectionException e)
        {
            if (Unusable(e) is { } unusable) throw unusable;
            return "Redis is not reachable: " + e.Message;
        }
    }

    /// <returns>Null when <paramref name="failure"/> may pass by itself.</returns>
    internal static StorageUnusableException? Unusable(Exception? failure)
    {
        for (var e = failure; e is not null; e = e.InnerException)
        {
            if (e is AuthenticationException) return new("The certificate of Redis is not trusted, or TLS is not spoken there: " + e.Message, failure);
            if (e is not RedisConnectionException { FailureType: ConnectionFailureType.AuthenticationFailure }) continue;
            return Unusable(e.InnerException) ?? new("Redis refuses the credentials in ConnectionStrings:Redis: " + (e.InnerException ?? e).Message, failure);
        }
        return null;
    }

    /// <summary>Never throws: hosted Redises refuse some of it.</summary>
    private async Task Inspect(IDatabase database)
    {
        try
        {
            _knowsFlags = (bool)await database.ScriptEvaluateAsync("return redis.REDIS_VERSION_NUM and 1 or 0"); // there since Redis 7, as script flags are
            var durability = await RedisDurability.Of(database);
            foreach (var warning in durability.Warnings.Except(Warnings)) LogUnsafe(warning);
            (Warnings, Evicts) = ([.. durability.Warnings], durability.Evicts);
            var since = (long)await database.ScriptEvaluateAsync(RedisScript.History, [RedisKeys.Storage]);
            SetBackAt = since == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(since);
        }
        catch (Exception e) when (e is RedisException or TimeoutException or ObjectDisposedException)
        {
            LogNotInspected(e);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Sentence}")]
    private partial void LogUnsafe(string sentence);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Whether Redis keeps what it is told, and whether it was restarted, could not be asked.")]
    private partial void LogNotInspected(Exception failure);
}
