using System.Globalization;

namespace OrleansInbox.Tests;

/// <summary>
/// A Redis Cluster of the test's own: three masters with one replica each, on free ports of 127.0.0.1. They are born knowing each other (a <c>nodes.conf</c> is written
/// for each), because meeting takes seconds. A master that is away for a second is replaced by its replica.
/// </summary>
public sealed class RedisCluster : IAsyncDisposable
{
    private const int _masters = 3;
    private const int _slots = 16_384;

    /// <summary>Masters first; the replica of a master is three further.</summary>
    private readonly RedisServer[] _nodes;

    private RedisCluster(RedisServer[] nodes) => _nodes = nodes;

    /// <summary>For <c>ConnectionStrings:Redis</c>.</summary>
    public string Address => string.Join(',', _nodes.Select(node => node.Address));

    public IReadOnlyList<RedisServer> Nodes => _nodes;

    /// <param name="nodeTimeout">After which a master is replaced, in ms.</param>
    public static async Task<RedisCluster> Start(int nodeTimeout = 1_000)
    {
        var (ports, buses) = (Ports(), Ports());
        var cluster = new RedisCluster([.. ports.Select((port, i) => new RedisServer(port,
            ["--cluster-enabled", "yes", "--cluster-node-timeout", Text(nodeTimeout), "--cluster-replica-validity-factor", "0", "--repl-diskless-sync-delay", "0", "--cluster-port", Text(buses[i])]))]);
        try
        {
            for (var i = 0; i < ports.Length; i++) File.WriteAllText(Path.Combine(cluster._nodes[i].Folder.FullName, "nodes.conf"), Known(ports, buses, myself: i));
            await Task.WhenAll(cluster._nodes.Select(node => node.Start()));
            await Eventually.Is(cluster.IsWhole, "the Redis Cluster to be whole");
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>The master that has the key now, and its replica.</summary>
    public async Task<(RedisServer Master, RedisServer Replica)> Of(string key)
    {
        var slot = int.Parse(await _nodes[0].Ask("CLUSTER", "KEYSLOT", key), CultureInfo.InvariantCulture);
        var master = Enumerable.Range(0, _masters).First(i => slot <= Last(i));
        var (one, other) = (_nodes[master], _nodes[master + _masters]);
        return (await one.Ask("INFO", "replication")).Contains("role:master", StringComparison.Ordinal) ? (one, other) : (other, one);
    }

    /// <summary>The replica has what its master has, and gets no more: what is written from here on is lost when it takes over.</summary>
    public static async Task CutOff(RedisServer master, RedisServer replica)
    {
        await Eventually.Is(async () => await Offset(master, "master_repl_offset:") == await Offset(replica, "slave_repl_offset:"), "the replica to have everything");
        replica.Freeze();
        await master.Ask("CLIENT", "KILL", "TYPE", "replica"); // or it would find the rest in its socket
    }

    /// <summary>The master is killed, the replica takes over.</summary>
    public static async Task FailOver(RedisServer master, RedisServer replica)
    {
        await master.Kill();
        replica.Thaw();
        await replica.Ask("CLUSTER", "FAILOVER", "TAKEOVER");
    }

    private static async Task<string> Offset(RedisServer node, string name) =>
        (await node.Ask("INFO", "replication")).Split("\r\n").First(line => line.StartsWith(name, StringComparison.Ordinal))[name.Length..];

    /// <summary>All masters answer for their slots, and have their replica.</summary>
    public async Task<bool> IsWhole()
    {
        foreach (var node in _nodes)
        {
            if (!(await node.Ask("CLUSTER", "INFO")).Contains("cluster_state:ok", StringComparison.Ordinal)) return false;
            var replication = await node.Ask("INFO", "replication");
            if (replication.Contains("role:master", StringComparison.Ordinal) ? !replication.Contains("state=online", StringComparison.Ordinal) : !replication.Contains("master_link_status:up", StringComparison.Ordinal)) return false;
        }
        return true;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes) await node.DisposeAsync();
    }

    private static int[] Ports() => [.. Enumerable.Range(0, 2 * _masters).Select(_ => FreePort.Next())];

    private static string Known(int[] ports, int[] buses, int myself)
    {
        var lines = ports.Select((port, i) => string.Create(CultureInfo.InvariantCulture, $"{Id(i)} 127.0.0.1:{port}@{buses[i]} {(i == myself ? "myself," : "")}{(i < _masters ? "master -" : "slave " + Id(i - _masters))} 0 0 {i % _masters + 1} connected")
            + (i < _masters ? string.Create(CultureInfo.InvariantCulture, $" {First(i)}-{Last(i)}") : ""));
        return string.Join('\n', lines) + "\nvars currentEpoch 3 lastVoteEpoch 0\n";
    }

    private static string Id(int node) => new((char)('a' + node), 40);
    private static int First(int master) => master * _slots / _masters;
    private static int Last(int master) => (master + 1) * _slots / _masters - 1;
    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
