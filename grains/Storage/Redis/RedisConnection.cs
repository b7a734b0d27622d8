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
    private readonly RedisClock _clock;
    private readonly Lazy<Task<IConnectionMultiplexer>> _connection;
    private readonly SteadyClock? _steady;
    private int _measuring;
    private int _compared;

    /// <param name="configuration"><c>host:port[,options]</c> of StackExchange.Redis.</param>
    public RedisConnection(string configuration, TimeSpan timeout, TimeProvider time, ILogger<RedisConnection> logger, SteadyClock? steady = null)
    {
        (_configuration, _timeout, _time, _logger, _clock, _steady) = (configuration, timeout, time, logger, new(time), steady);
        _connection = new(() => Connect(Configure(configuration, timeout)));
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

    /// <summary>Shared by all who store something in this Redis, and connected or connecting. Disposed of here alone.</summary>
    public Task<IConnectionMultiplexer> Multiplexer => _connection.Value;

    /// <summary>For how long this process may write from now on, asked before each write; null: always. Redis does no write that comes to it later, however long it was on its way.</summary>
    internal Func<TimeSpan>? HeldFor { get; set; }

    /// <summary>Keys live in hash slots, and a script may touch one only.</summary>
    internal bool IsCluster { get; private set; }

    /// <summary>Something that changes nothing; never <see cref="StorageUnavailableException.Uncertain"/>.</summary>
    internal async Task<T> Read<T>(Func<IDatabase, Task<T>> call)
    {
        try
        {
            // The client checks its own time-out once a second only.
            return await call((await Multiplexer).GetDatabase()).WaitAsync(_timeout, _time);
        }
        catch (Exception e) when (e is RedisException or TimeoutException or ObjectDisposedException)
        {
            throw Failed(e, uncertain: false);
        }
    }

    /// <summary>For scripts that answer TIME in the first two places: measures Redis' clock on the way.</summary>
    internal async Task<RedisResult[]> ReadWithTime(string script, RedisKey[] keys, RedisValue[] values)
    {
        await Multiplexer; // not part of what is measured
        if (_inspected is { IsCompleted: false } inspected) await inspected;
        var sent = _time.GetTimestamp();
        var answer = (RedisResult[])(await Read(database => database.ScriptEvaluateAsync(script, keys, values)))!;
        Measured(sent, answer);
        return answer;
    }

    /// <summary>Asks for Redis' time: it answers, and its clock is known.</summary>
    internal async Task Ping()
    {
        await Multiplexer;
        var sent = _time.GetTimestamp();
        Measured(sent, (RedisResult[])(await Read(static database => database.ExecuteAsync("TIME")))!);
    }

    /// <summary>Runs a script that writes. Its ARGV[1] is left free by the caller; here it becomes the moment after which Redis refuses to do it.</summary>
    /// <remarks>
    /// Certain that nothing was and will be written: there was no connection; the command was still waiting here when the connection went; Redis refused it.
    /// Uncertain: it was sent and no answer came. It may have been done; but when this throws, its last moment has passed, so that what a later read finds is final.
    /// (As far as Redis' clock runs on: one that is set back by more than the rest of the time-out voids that.)
    /// </remarks>
    internal async Task<RedisResult> Write(string script, RedisKey[] keys, RedisValue[] values)
    {
        var start = _time.GetTimestamp();
        var held = ThrowIfNotHeld();
        var within = held < _timeout ? held : _timeout;
        var multiplexer = await Multiplexer;
        if (_clock.NotAfter(start, within) is not { } notAfter)
        {
            await Ping();
            notAfter = _clock.NotAfter(start, within) ?? throw Failed(null, uncertain: false);
        }
        else if (_clock.IsOld)
        {
            MeasureBehind();
        }
        values[0] = notAfter;
        var left = _timeout - _time.GetElapsedTime(start);
        if (left <= TimeSpan.Zero) throw Failed(new TimeoutException(), uncertain: false); // all of it went into connecting
        try
        {
            return await multiplexer.GetDatabase().ScriptEvaluateAsync(script, keys, values).WaitAsync(left, _time);
        }
        catch (RedisServerException e)
        {
            if (e.Message.StartsWith("LATE", StringComparison.Ordinal)) _clock.Invalidate(); // or its clock was set
            throw Failed(e, uncertain: e.Message.StartsWith("ERR", StringComparison.Ordinal)); // others (LOADING, OOM, READONLY …) come before anything is done
        }
        catch (RedisConnectionException e) when (e.FailureType == ConnectionFailureType.UnableToResolvePhysicalConnection)
        {
            throw Failed(e, uncertain: false); // it never left
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

    /// <summary>The text for this Redis.</summary>
    internal string WhenFull(RedisScript.FullScript script) => _knowsFlags ? script.WithFlags : script.Text;

    public async ValueTask DisposeAsync()
    {
        if (!_connection.IsValueCreated) return;
        try
        {
            await (await Multiplexer).DisposeAsync();
        }
        catch (Exception e) when (e is RedisException or TimeoutException or ArgumentException)
        {
            LogDisposeFailed(e);
        }
    }

    /// <summary>Also without a Redis: the client goes on trying.</summary>
    private async Task<IConnectionMultiplexer> Connect(ConfigurationOptions options)
    {
        var multiplexer = await ConnectionMultiplexer.ConnectAsync(options);
        multiplexer.ConnectionFailed += (_, e) => LogConnectionFailed(e.FailureType, e.Exception);
        multiplexer.ConnectionRestored += (_, e) =>
        {
            if (e.ConnectionType == ConnectionType.Interactive) _inspected = Inspect(multiplexer.GetDatabase()); // it may be another one, or have been told otherwise
            _clock.Invalidate(); // it may be another machine
            LookForCluster();
            LogConnectionRestored();
        };
        LookForCluster();
        if (multiplexer.IsConnected) _inspected = Inspect(multiplexer.GetDatabase());
        return multiplexer;

        void LookForCluster() => IsCluster = multiplexer.GetServers().Any(server => server.ServerType == ServerType.Cluster);
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

    private void Measured(long sent, RedisResult[] answer)
    {
        var redis = DateTimeOffset.FromUnixTimeSeconds((long)answer[0]).AddMicroseconds((long)answer[1]);
        _clock.Measured(sent, redis);
        if (Interlocked.Exchange(ref _compared, 1) == 0) _steady?.Compare(redis, SteadyClock.Tolerance);
    }

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
