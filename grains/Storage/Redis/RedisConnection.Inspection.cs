using System.Security.Authentication;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace OrleansInbox.Storage.Redis;

/// <summary>What is found out about Redis itself: at each connection what it does to what it acknowledged, and why there is no connection.</summary>
public sealed partial class RedisConnection
{
    private volatile Task? _inspected;
    private volatile bool _knowsFlags;
    private volatile string[] _warnings = [];

    /// <summary>After it, what is told of the last connection is known.</summary>
    internal async Task Inspected() => await (_inspected ??= Inspect(await Multiplexer));

    /// <summary>What this Redis may do to what it acknowledged, in sentences; as of the last connection; and which master of a cluster takes no writes.</summary>
    internal IReadOnlyList<string> Warnings => [.. _warnings, .. _refusing];

    /// <summary>It drops what it acknowledged when its memory is full; null: it does not, or that cannot be asked.</summary>
    internal string? Evicts { get; private set; }

    /// <summary>Why it cannot keep inboxes; null: it can, or that cannot be asked.</summary>
    internal string? Unfit { get; private set; }

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

    /// <returns>What a user of Redis who has not all rights that are needed is told; null when that is not why it failed.</returns>
    internal static string? LacksRights(Exception? failure) => failure is RedisServerException { Message: var said } ? LacksRights(said) : null;

    private static string? LacksRights(string said) =>
        said.StartsWith("NOPERM", StringComparison.Ordinal) || said.Contains("The user executing the script can't", StringComparison.Ordinal)
            ? $"The user of ConnectionStrings:Redis lacks a right that is needed ({said}). docs/operations.md has the ACL line." : null;

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
    private async Task Inspect(IConnectionMultiplexer multiplexer)
    {
        try
        {
            if (NotThere(multiplexer) is { } notThere) // no command would be sent
            {
                Unfit = notThere;
                return;
            }
            var database = multiplexer.GetDatabase();
            _knowsFlags = (bool)await database.ScriptEvaluateAsync("return redis.REDIS_VERSION_NUM and 1 or 0", flags: CommandFlags.DemandMaster); // there since Redis 7, as script flags are
            var found = await Task.WhenAll(IsCluster ? Masters(multiplexer).Select(master => RedisDurability.Of(master, WaitReplicas)) : [RedisDurability.Of(database, WaitReplicas)]);
            string[] warnings = [.. found.SelectMany(durability => durability.Warnings)];
            foreach (var warning in warnings.Except(_warnings)) LogUnsafe(warning);
            (_warnings, Evicts, Unfit) = (warnings, First(durability => durability.Evicts), First(durability => durability.TooOld));
            if (CanFailOver) return; // what was lost is asked when an inbox is opened, and of its own master
            var since = (long)await RedisScript.History.Evaluate(database, [RedisKeys.Storage], []);
            SetBackAt = since == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(since);

            string? First(Func<RedisDurability, string?> sentence) => found.Select(sentence).FirstOrDefault(said => said is not null);
        }
        catch (RedisServerException e) when (e.Message.StartsWith("NOPERM", StringComparison.Ordinal)) // no scripts at all; INFO in one may be forbidden
        {
            Unfit = LacksRights(e);
        }
        catch (Exception e) when (e is RedisException or TimeoutException or ObjectDisposedException)
        {
            LogNotInspected(e);
        }
    }

    private string? NotThere(IConnectionMultiplexer multiplexer) => IsCluster && multiplexer.GetDatabase().Database > 0
        ? "A Redis Cluster has no databases but 0: remove defaultDatabase from ConnectionStrings:Redis." : null;

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Sentence}")]
    private partial void LogUnsafe(string sentence);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Whether Redis keeps what it is told, and whether it was restarted, could not be asked.")]
    private partial void LogNotInspected(Exception failure);
}
