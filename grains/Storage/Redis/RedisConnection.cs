using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace OrleansInbox.Storage.Redis;

/// <summary>
/// The one connection of this process: inboxes, marks and Orleans' own tables share it, so that commands of concurrent callers travel together. Owns the
/// multiplexer, which connects again by itself; bounds every call; and says of every failure whether the command may have been done.
/// </summary>
public sealed partial class RedisConnection : IAsyncDisposable
{
    private readonly string _configuration;
    private readonly TimeSpan _timeout;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly SteadyClock? _steady;
    private readonly RedisReplicas? _replicas;
    private readonly Lock _connecting = new();
    private volatile Task<IConnectionMultiplexer>? _connection;
    private int _compared;

    /// <param name="configuration"><c>host:port[,options]</c> of StackExchange.Redis.</param>
    /// <param name="waitReplicas">A write is done when so many replicas have it: <see cref="InboxOptions.WaitReplicas"/>.</param>
    public RedisConnection(string configuration, TimeSpan timeout, TimeProvider time, ILogger<RedisConnection> logger, SteadyClock? steady = null, int waitReplicas = 0)
    {
        (_configuration, _timeout, _time, _logger, _clock, _steady) = (configuration, timeout, time, logger, new(time), steady);
        if (waitReplicas > 0) _replicas = new(waitReplicas, async () => await ConnectionMultiplexer.ConnectAsync(Configure(configuration, timeout)));
    }

    /// <summary>The options of a connection that never gives up and never makes a caller wait for longer than <paramref name="timeout"/>.</summary>
    internal static ConfigurationOptions Configure(string configuration, TimeSpan timeout)
    {
        var options = ConfigurationOptions.Parse(configuration);
        options.AbortOnConnectFail = false;
        options.BacklogPolicy = BacklogPolicy.FailFast; // without a connection a caller is told at once, and knows that nothing was sent
        var milliseconds = (int)timeout.TotalMilliseconds;
        if (!Names("connectTimeout")) options.ConnectTimeout = milliseconds;
        if (!Names("syncTimeout")) options.SyncTimeout = milliseconds;
        if (!Names("asyncTimeout")) options.AsyncTimeout = milliseconds;
        if (!Names("keepAlive")) options.KeepAlive = 5; // seconds; also how soon a handshake without an answer is given up
        options.ReconnectRetryPolicy = new LinearRetry(1000);
        return options;

        bool Names(string option) => configuration.Contains(option + "=", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>
    /// Shared by all who store something in this Redis, and connected or connecting. Disposed of here alone. It fails only where sentinels have to be asked first
    /// and none answers; who asks next tries again.
    /// </summary>
    public Task<IConnectionMultiplexer> Multiplexer
    {
        get
        {
            if (_connection is { IsFaulted: false } connection) return connection;
            lock (_connecting) return _connection is { IsFaulted: false } another ? another : _connection = Connect(Configure(_configuration, _timeout));
        }
    }

    /// <summary>For how long this process may write from now on, asked before each write; null: always. Redis does no write that comes to it later, however long it was on its way.</summary>
    internal Func<TimeSpan>? HeldFor { get; set; }

    /// <summary>Something that changes nothing; never <see cref="StorageUnavailableException.Uncertain"/>.</summary>
    internal Task<RedisResult> Read(RedisScript script, RedisKey[] keys, RedisValue[] values) => Read(database => script.Evaluate(database, keys, values));

    /// <inheritdoc cref="Read(RedisScript, RedisKey[], RedisValue[])"/>
    internal async Task<T> Read<T>(Func<IDatabase, Task<T>> call)
    {
        try
        {
            // The client checks its own time-out once a second only.
            return await call((await Multiplexer).GetDatabase()).WaitAsync(_timeout, _time);
        }
        catch (Exception e) when (e is RedisException or RedisCommandException or TimeoutException or ObjectDisposedException)
        {
            throw Failed(e, uncertain: false);
        }
    }

    /// <summary>Runs a script that writes. Its ARGV[1] is left free by the caller; here it becomes the moment after which Redis refuses to do it.</summary>
    /// <remarks>
    /// Certain that nothing was and will be written: there was no connection; the command was still waiting here when the connection went; Redis refused it.
    /// Uncertain: it was sent and no answer came. It may have been done; but when this throws, its last moment has passed, so that what a later read finds is final.
    /// (As far as Redis' clock runs on: one that is set back by more than the rest of the time-out voids that.)
    /// </remarks>
    internal async Task<RedisResult> Write(RedisScript script, RedisKey[] keys, RedisValue[] values)
    {
        var start = _time.GetTimestamp();
        var held = ThrowIfNotHeld();
        var within = held < _timeout ? held : _timeout;
        var multiplexer = await Connected();
        var server = _isCluster ? ServerOf(multiplexer, keys[0]) : null;
        var clock = ClockOf(server);
        if (clock.NotAfter(start, within) is not { } notAfter)
        {
            await Measure(server);
            notAfter = clock.NotAfter(start, within) ?? throw Failed(null, uncertain: false);
        }
        else if (clock.IsOld)
        {
            MeasureBehind(clock, server);
        }
        values[0] = notAfter;
        var left = _timeout - _time.GetElapsedTime(start);
        if (left <= TimeSpan.Zero) throw Failed(new TimeoutException(), uncertain: false); // all of it went into connecting
        try
        {
            var answer = await script.Evaluate(multiplexer.GetDatabase(), keys, values).WaitAsync(left, _time);
            if (_replicas is not null) await Replicated(server ?? ServerOf(multiplexer, keys[0]), keys[0], start);
            return answer;
        }
        catch (RedisServerException e)
        {
            if (e.Message.StartsWith("LATE", StringComparison.Ordinal)) clock.Invalidate(); // or its clock was set
            throw Failed(e, uncertain: e.Message.StartsWith("ERR", StringComparison.Ordinal)); // others (LOADING, OOM, READONLY …) come before anything is done
        }
        catch (RedisCommandException e) // there is no master, as far as the client knows
        {
            throw Failed(e, uncertain: false);
        }
        catch (RedisConnectionException e) when (e.FailureType is ConnectionFailureType.UnableToResolvePhysicalConnection or ConnectionFailureType.UnableToConnect)
        {
            throw Failed(e, uncertain: false); // it never left; or it came to a master that has not the slot any more, and left for no other
        }
        catch (Exception e) when (e is RedisException or TimeoutException or ObjectDisposedException)
        {
            // A frozen Redis may still find the command in its socket: wait until it is too late for that.
            var rest = _timeout - _time.GetElapsedTime(start);
            if (rest > TimeSpan.Zero) await Task.Delay(rest, _time);
            throw Failed(e, uncertain: true);
        }
    }

    /// <returns>For how long it may go on.</returns>
    /// <exception cref="StorageUnavailableException">Nothing may be written: see <see cref="HeldFor"/>.</exception>
    internal TimeSpan ThrowIfNotHeld()
    {
        var held = HeldFor?.Invoke() ?? TimeSpan.MaxValue;
        return held > TimeSpan.Zero ? held : throw new StorageUnavailableException("This server does not hold the lease on Redis; nothing was sent.");
    }

    /// <summary>Likewise, also when Redis is full.</summary>
    internal Task<RedisResult> WriteWhenFull(RedisScript.FullScript script, RedisKey[] keys, RedisValue[] values) =>
        Write(WhenFull(script), keys, values);

    /// <summary>The one for this Redis.</summary>
    internal RedisScript WhenFull(RedisScript.FullScript script) => _knowsFlags ? script.WithFlags : script.Plain;

    public async ValueTask DisposeAsync()
    {
        try
        {
            if (_connection is { IsFaulted: false } connection) await (await connection).DisposeAsync();
            if (_replicas is not null) await _replicas.DisposeAsync();
        }
        catch (Exception e) when (e is RedisException or TimeoutException or ArgumentException)
        {
            LogDisposeFailed(e);
        }
    }

    /// <exception cref="StorageUnavailableException">No sentinel answers.</exception>
    private Task<IConnectionMultiplexer> Connected() => _connection is { IsCompletedSuccessfully: true } connection ? connection : Connecting();

    /// <inheritdoc cref="Connected"/>
    private async Task<IConnectionMultiplexer> Connecting()
    {
        try
        {
            return await Multiplexer;
        }
        catch (RedisException e)
        {
            throw Failed(e, uncertain: false);
        }
    }

    /// <summary>Also without a Redis: the client goes on trying.</summary>
    private async Task<IConnectionMultiplexer> Connect(ConfigurationOptions options)
    {
        var multiplexer = await ConnectionMultiplexer.ConnectAsync(options);
        multiplexer.ConnectionFailed += (_, e) => LogConnectionFailed(e.FailureType, e.Exception);
        multiplexer.ConfigurationChanged += (_, _) => LookAround();
        multiplexer.ConnectionRestored += (_, e) =>
        {
            LookAround();
            if (e.ConnectionType == ConnectionType.Interactive) _inspected = Inspect(multiplexer); // it may be another one, or have been told otherwise
            InvalidateClocks(); // it may be another machine
            LogConnectionRestored();
        };
        LookAround();
        if (multiplexer.IsConnected) _inspected = Inspect(multiplexer);
        return multiplexer;

        void LookAround() => Look(multiplexer.GetServers(), options.ServiceName is { Length: > 0 });
    }

    /// <summary>One of several whom a script answers together: with one item when it is why there is none.</summary>
    internal static void Answer(TaskCompletionSource<RedisResult[]> caller, RedisResult answer)
    {
        var items = (RedisResult[])answer!;
        if (items is [var refused]) caller.TrySetException(new StorageUnavailableException(Refusal((string)refused!)));
        else caller.TrySetResult(items);
    }

    private static StorageUnavailableException Failed(Exception? e, bool uncertain) => new(e switch
    {
        null => "Redis is not connected.",
        TimeoutException => "Redis did not answer in time.",
        RedisServerException => Refusal(e.Message),
        _ => "Redis is not available: " + e.Message,
    }, e)
    { Uncertain = uncertain };

    private static string Refusal(string said) => LacksRights(said) ?? "Redis refused: " + said;

    [LoggerMessage(Level = LogLevel.Warning, Message = "The connection to Redis failed ({Failure}).")]
    private partial void LogConnectionFailed(ConnectionFailureType failure, Exception? exception);

    [LoggerMessage(Level = LogLevel.Information, Message = "The connection to Redis is back.")]
    private partial void LogConnectionRestored();

    [LoggerMessage(Level = LogLevel.Debug, Message = "Closing the connection to Redis failed.")]
    private partial void LogDisposeFailed(Exception exception);
}
