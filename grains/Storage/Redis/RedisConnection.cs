using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace OrleansInbox.Storage.Redis;

/// <summary>
/// The one connection that all inboxes share: commands of concurrent callers travel together. Owns the multiplexer, which connects again by itself; bounds
/// every call, because the client has no time-out of its own for asynchronous ones; and says of every failure whether the command may have been done.
/// </summary>
internal sealed partial class RedisConnection(string configuration, TimeSpan timeout, TimeProvider time, ILogger logger) : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly RedisClock _clock = new(time);
    private Task<ConnectionMultiplexer>? _connecting;
    private volatile IDatabase? _database;
    private bool _disposed;
    private int _measuring;

    /// <summary>The options of a connection that never gives up and never makes a caller wait for longer than <paramref name="timeout"/>.</summary>
    public static ConfigurationOptions Configure(string configuration, TimeSpan timeout)
    {
        var options = ConfigurationOptions.Parse(configuration);
        options.AbortOnConnectFail = false;
        var milliseconds = (int)timeout.TotalMilliseconds;
        if (!Names("connectTimeout")) options.ConnectTimeout = milliseconds;
        if (!Names("syncTimeout")) options.SyncTimeout = milliseconds;
        if (!Names("keepAlive")) options.KeepAlive = 5; // seconds; also how soon a handshake without an answer is given up
        options.ReconnectRetryPolicy = new LinearRetry(1000);
        return options;

        bool Names(string option) => configuration.Contains(option + "=", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Keys live in hash slots, and a script may touch one only.</summary>
    public bool IsCluster { get; private set; }

    /// <summary>Something that changes nothing; never <see cref="StorageUnavailableException.Uncertain"/>.</summary>
    public async Task<RedisResult> Read(Func<IDatabase, Task<RedisResult>> call)
    {
        var database = await Connected();
        try
        {
            return await call(database).WaitAsync(timeout, time);
        }
        catch (Exception e) when (e is RedisException or TimeoutException or ObjectDisposedException)
        {
            throw Failed(e, uncertain: false);
        }
    }

    /// <inheritdoc cref="Read(Func{IDatabase, Task{RedisResult}})"/>
    public Task<RedisResult> Read(RedisScript script, RedisKey[] keys, RedisValue[] values) => Read(database => Evaluate(database, script, keys, values));

    /// <summary>Like <see cref="Read(RedisScript, RedisKey[], RedisValue[])"/>, for scripts that answer TIME in the first two places: measures Redis' clock on the way.</summary>
    public async Task<RedisResult[]> ReadWithTime(RedisScript script, RedisKey[] keys, RedisValue[] values)
    {
        await Connected(); // not part of what is measured
        var sent = time.GetTimestamp();
        var answer = (RedisResult[])(await Read(script, keys, values))!;
        Measured(sent, answer);
        return answer;
    }

    /// <summary>Asks for Redis' time: it answers, and its clock is known.</summary>
    public async Task Ping()
    {
        await Connected();
        var sent = time.GetTimestamp();
        Measured(sent, (RedisResult[])(await Read(static database => database.ExecuteAsync("TIME")))!);
    }

    /// <summary>Runs a script that writes. Its ARGV[1] is left free by the caller; here it becomes the moment after which Redis refuses to do it.</summary>
    /// <remarks>
    /// Certain that nothing was and will be written: there was no connection; the command was still waiting here when the connection went; Redis refused it.
    /// Uncertain: it was sent and no answer came. It may have been done; but when this throws, its last moment has passed, so that what a later read finds is final.
    /// (As far as Redis' clock runs on: one that is set back by more than the rest of the time-out voids that.)
    /// </remarks>
    public async Task<RedisResult> Write(RedisScript script, RedisKey[] keys, RedisValue[] values)
    {
        var start = time.GetTimestamp();
        var database = await Connected();
        if (_clock.NotAfter(start, timeout) is not { } notAfter)
        {
            await Ping();
            notAfter = _clock.NotAfter(start, timeout) ?? throw Failed(null, uncertain: false);
        }
        else if (_clock.IsOld)
        {
            MeasureBehind();
        }
        values[0] = notAfter;
        var left = timeout - time.GetElapsedTime(start);
        if (left <= TimeSpan.Zero) throw Failed(new TimeoutException(), uncertain: false); // all of it went into connecting
        try
        {
            return await Evaluate(database, script, keys, values).WaitAsync(left, time);
        }
        catch (RedisServerException e)
        {
            if (e.Message.StartsWith("LATE", StringComparison.Ordinal)) _clock.Forget(); // or its clock was set
            throw Failed(e, uncertain: e.Message.StartsWith("ERR", StringComparison.Ordinal)); // others (LOADING, OOM, READONLY …) come before anything is done
        }
        catch (RedisConnectionException e) when (e.FailureType == ConnectionFailureType.UnableToResolvePhysicalConnection)
        {
            throw Failed(e, uncertain: false); // it never left
        }
        catch (Exception e) when (e is RedisException or TimeoutException or ObjectDisposedException)
        {
            // A frozen Redis may still find the command in its socket: wait until it is too late for that.
            var rest = timeout - time.GetElapsedTime(start);
            if (rest > TimeSpan.Zero) await Task.Delay(rest, time);
            throw Failed(e, uncertain: true);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Task<ConnectionMultiplexer>? connecting;
        lock (_gate) (_disposed, connecting) = (true, _connecting);
        if (connecting is null) return;
        try
        {
            (await connecting).Dispose();
        }
        catch (Exception e) when (e is RedisException or TimeoutException or ArgumentException)
        {
            LogDisposeFailed(e);
        }
    }

    private static async Task<RedisResult> Evaluate(IDatabase database, RedisScript script, RedisKey[] keys, RedisValue[] values)
    {
        try
        {
            return await database.ScriptEvaluateAsync(script.Hash, keys, values);
        }
        catch (RedisServerException e) when (e.Message.StartsWith("NOSCRIPT", StringComparison.Ordinal)) // a new or restarted Redis
        {
            return await database.ScriptEvaluateAsync(script.Text, keys, values, CommandFlags.NoScriptCache); // EVAL also makes it known
        }
    }

    private ValueTask<IDatabase> Connected()
    {
        if (_database is not { } database) return Connect();
        // Version 2 of the client would let the command wait for a connection: the caller is better told at once.
        return database.Multiplexer.IsConnected ? new(database) : throw Failed(null, uncertain: false);
    }

    private async ValueTask<IDatabase> Connect()
    {
        Task<ConnectionMultiplexer> connecting;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_connecting is null or { IsFaulted: true } or { IsCanceled: true }) _connecting = ConnectOnce();
            connecting = _connecting;
        }
        try
        {
            return _database = (await connecting.WaitAsync(timeout, time)).GetDatabase();
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            throw Failed(e, uncertain: false);
        }
    }

    private async Task<ConnectionMultiplexer> ConnectOnce()
    {
        await Task.Yield(); // the client resolves names before its first await; not under the lock
        var multiplexer = await ConnectionMultiplexer.ConnectAsync(Configure(configuration, timeout));
        IsCluster = multiplexer.GetEndPoints().Any(e => multiplexer.GetServer(e).ServerType == ServerType.Cluster);
        multiplexer.ConnectionFailed += (_, e) => LogConnectionFailed(e.FailureType, e.Exception);
        multiplexer.ConnectionRestored += (_, _) =>
        {
            _clock.Forget(); // it may be another machine
            LogConnectionRestored();
        };
        return multiplexer;
    }

    private void MeasureBehind()
    {
        if (Interlocked.Exchange(ref _measuring, 1) == 1) return;
        _ = Measure();

        async Task Measure()
        {
            try
            {
                await Ping();
            }
            catch (StorageUnavailableException)
            {
                // the calls that need Redis say it
            }
            finally
            {
                Volatile.Write(ref _measuring, 0);
            }
        }
    }

    private void Measured(long sent, RedisResult[] answer) =>
        _clock.Measured(sent, DateTimeOffset.FromUnixTimeSeconds((long)answer[0]).AddMicroseconds((long)answer[1]));

    private static StorageUnavailableException Failed(Exception? e, bool uncertain) => new(e switch
    {
        null => "Redis is not connected.",
        TimeoutException => "Redis did not answer in time.",
        RedisServerException => "Redis refused: " + e.Message,
        _ => "Redis is not available: " + e.Message,
    }, e)
    { Uncertain = uncertain };

    [LoggerMessage(Level = LogLevel.Warning, Message = "The connection to Redis failed ({Failure}).")]
    private partial void LogConnectionFailed(ConnectionFailureType failure, Exception? exception);

    [LoggerMessage(Level = LogLevel.Information, Message = "The connection to Redis is back.")]
    private partial void LogConnectionRestored();

    [LoggerMessage(Level = LogLevel.Debug, Message = "Closing the connection to Redis failed.")]
    private partial void LogDisposeFailed(Exception exception);
}
