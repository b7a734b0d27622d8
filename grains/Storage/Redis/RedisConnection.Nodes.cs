using System.Collections.Concurrent;
using System.Net;
using StackExchange.Redis;

namespace OrleansInbox.Storage.Redis;

/// <summary>What there is behind the connection: one Redis, one with replicas that may take over, or the masters of a Redis Cluster, each with a clock of its own.</summary>
public sealed partial class RedisConnection
{
    private readonly RedisClock _clock;
    private readonly ConcurrentDictionary<EndPoint, RedisClock> _clocks = new();
    private volatile bool _isCluster;
    private volatile string[] _refusing = [];
    private int _measuring;

    /// <summary>Keys live in hash slots, and a script may touch one only.</summary>
    internal bool IsCluster => _isCluster;

    /// <summary><see cref="IsCluster"/>, once it is known.</summary>
    internal async Task<bool> HasSlots()
    {
        await Connected();
        return IsCluster;
    }

    /// <summary>
    /// A replica may take over, without the last writes of its master, and without this process hearing of it first: whether a log lost its end is asked whenever
    /// it is opened, and with each append. One Redis alone is another run then, and is inspected when it is connected.
    /// </summary>
    internal bool CanFailOver { get; private set; }

    private int WaitReplicas => _replicas?.Count ?? 0;

    /// <summary>For scripts that answer TIME in the first two places: measures Redis' clock on the way.</summary>
    internal async Task<RedisResult[]> ReadWithTime(RedisScript script, RedisKey[] keys, RedisValue[] values)
    {
        var multiplexer = await Connected(); // not part of what is measured
        if (_inspected is { IsCompleted: false } inspected) await inspected;
        var clock = ClockOf(_isCluster ? ServerOf(multiplexer, keys[0]) : null);
        var sent = _time.GetTimestamp();
        var answer = (RedisResult[])(await Read(script, keys, values))!;
        Measured(clock, sent, answer);
        return answer;
    }

    /// <summary>Asks for Redis' time: it answers, and its clock is known. Of a cluster one master has to.</summary>
    internal async Task Ping()
    {
        var multiplexer = await Connected();
        if (_isCluster) await Any(multiplexer, (master, _) => Measure(master));
        else await Measure(null);
    }

    /// <summary>Redis refuses a SET that needs memory, or comes to a replica, before it looks at XX: set only what exists, and this key never does. Of a cluster one master has to take it.</summary>
    /// <exception cref="StorageUnavailableException">It is refused.</exception>
    internal async Task ProbeWrite()
    {
        ThrowIfNotHeld();
        var multiplexer = await Connected();
        if (_isCluster) _refusing = await Any(multiplexer, (master, slot) => Read(_ => master.ExecuteAsync("SET", RedisKeys.Probe(slot), "", "XX")));
        else await Read(static database => database.StringSetAsync("inbox:probe", RedisValue.EmptyString, when: When.Exists));
    }

    /// <summary>What was written is where it has to be: see <see cref="InboxOptions.WaitReplicas"/>.</summary>
    /// <exception cref="StorageUnavailableException">Uncertain.</exception>
    internal async Task Confirm(RedisKey key)
    {
        if (_replicas is null) return;
        await Replicated(ServerOf(await Connected(), key), key, _time.GetTimestamp());
    }

    /// <summary>The key that tells which run of Redis wrote what lies in the slot of <paramref name="key"/>.</summary>
    internal RedisKey HistoryOf(RedisKey key) => _isCluster && _connection is { IsCompletedSuccessfully: true } connection ? RedisKeys.StorageOf(connection.Result.GetHashSlot(key)) : RedisKeys.Storage;

    private void Look(IServer[] servers, bool sentinels)
    {
        _isCluster = servers.Any(server => server.ServerType == ServerType.Cluster);
        CanFailOver = _isCluster || sentinels || servers.Length > 1;
    }

    private static IEnumerable<IServer> Masters(IConnectionMultiplexer multiplexer) => multiplexer.GetServers().Where(server => server is { IsConnected: true, IsReplica: false });

    /// <summary>Where the key is, as far as is known. Redis corrects it.</summary>
    private static IServer ServerOf(IConnectionMultiplexer multiplexer, RedisKey key)
    {
        try
        {
            return multiplexer.GetServer(key, flags: CommandFlags.DemandMaster);
        }
        catch (InvalidOperationException e)
        {
            throw Failed(e, uncertain: false);
        }
    }

    /// <returns>Of the masters that failed, why.</returns>
    /// <exception cref="StorageUnavailableException">All did.</exception>
    private static async Task<string[]> Any(IConnectionMultiplexer multiplexer, Func<IServer, int, Task> ask)
    {
        var masters = Masters(multiplexer).Select(master => (Server: master, Slots: master.ClusterConfiguration?[master.EndPoint]?.Slots)).Where(master => master.Slots is { Count: > 0 }).ToList();
        var failures = await Task.WhenAll(masters.Select(async master =>
        {
            try
            {
                await ask(master.Server, master.Slots![0].From);
                return null;
            }
            catch (StorageUnavailableException failure)
            {
                return failure;
            }
        }));
        if (Array.TrueForAll(failures, failure => failure is not null)) throw failures.FirstOrDefault() ?? Failed(null, uncertain: false);
        return [.. masters.Zip(failures).Where(asked => asked.Second is not null).Select(asked => $"Redis at {asked.First.Server.EndPoint}: {asked.Second!.Message}")];
    }

    private RedisClock ClockOf(IServer? server) => server is null ? _clock : _clocks.GetOrAdd(server.EndPoint, static (_, time) => new(time), _time);

    private void InvalidateClocks()
    {
        _clock.Invalidate();
        foreach (var (_, clock) in _clocks) clock.Invalidate();
    }

    private async Task Measure(IServer? server)
    {
        await Connected();
        var sent = _time.GetTimestamp();
        Measured(ClockOf(server), sent, (RedisResult[])(await Read(database => server is null ? database.ExecuteAsync("TIME", [], CommandFlags.DemandMaster) : server.ExecuteAsync("TIME")))!);
    }

    private void MeasureBehind(RedisClock clock, IServer? server)
    {
        if (Interlocked.Exchange(ref _measuring, 1) == 1) return;
        _ = Behind();

        async Task Behind()
        {
            try
            {
                if (clock.IsOld) await Measure(server);
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

    private void Measured(RedisClock clock, long sent, RedisResult[] answer)
    {
        var redis = DateTimeOffset.FromUnixTimeSeconds((long)answer[0]).AddMicroseconds((long)answer[1]);
        clock.Measured(sent, redis);
        if (Interlocked.Exchange(ref _compared, 1) == 0) _steady?.Compare(redis, SteadyClock.Tolerance);
    }

    /// <param name="server">The master that was asked to write; if another one did, after a redirection, this one says that the slot is not its own.</param>
    /// <param name="start">Of the whole call: a process that was frozen since then may confirm nothing, because a replica may have taken over and come back.</param>
    private async Task Replicated(IServer server, RedisKey key, long start)
    {
        var slot = _isCluster ? (int?)server.Multiplexer.GetHashSlot(key) : null;
        var left = _timeout - _time.GetElapsedTime(start);
        string? failure;
        try
        {
            var own = slot is null ? Task.CompletedTask : server.ExecuteAsync("EXISTS", [RedisKeys.Replicas(slot)], CommandFlags.NoRedirect);
            failure = left > TimeSpan.Zero ? await _replicas!.Wait(server.EndPoint, slot).WaitAsync(left, _time) : "it took too long";
            if (failure is null) await own.WaitAsync(left, _time);
            if (_time.GetElapsedTime(start) > _timeout) failure ??= "it took too long";
        }
        catch (TimeoutException)
        {
            failure = "it took too long";
        }
        catch (Exception e) when (e is RedisException or RedisCommandException or ObjectDisposedException)
        {
            failure = e.Message;
        }
        if (failure is not null) throw new StorageUnavailableException($"Redis has it, but not so many replicas as Storage:WaitReplicas asks for: {failure}.") { Uncertain = true };
    }
}
