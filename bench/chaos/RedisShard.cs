using System.Globalization;
using System.Net.Sockets;

namespace OrleansInbox.Chaos;

/// <summary>
/// Two nodes of a Redis Cluster that have the same slots: a master and its replica, which change places. Each announces the port of a proxy, over which clients
/// and its replica come.
/// </summary>
internal sealed class RedisShard((Member Node, int Port, CutProxy Link) one, (Member Node, int Port, CutProxy Link) other) : IDisposable
{
    private const int _masters = 3;
    private const int _slots = 16_384;

    public IEnumerable<Member> Nodes => [one.Node, other.Node];

    /// <summary>Three of them that are born knowing each other: a <c>nodes.conf</c> lies in the folder of each node.</summary>
    public static RedisShard[] Build(string folder, int firstPort)
    {
        var nodes = Enumerable.Range(0, 2 * _masters).Select(i =>
        {
            var own = Directory.CreateDirectory(Path.Combine(folder, $"redis-{i}")).FullName;
            File.WriteAllText(Path.Combine(own, "nodes.conf"), Known(firstPort, myself: i));
            return (new Member($"redis-{i}", Path.Combine(folder, $"redis-{i}.log"),
            [
                "redis-server", "--port", Text(PortOf(firstPort, i)), "--cluster-announce-port", Text(firstPort + i), "--bind", "127.0.0.1", "--dir", own, "--save", "", "--appendonly", "yes", "--appendfsync", "always",
                "--cluster-enabled", "yes", "--cluster-port", Text(BusOf(firstPort, i)), "--cluster-node-timeout", "2000", "--cluster-replica-validity-factor", "0", "--repl-diskless-sync-delay", "0",
            ], null), PortOf(firstPort, i), new CutProxy(firstPort + i, PortOf(firstPort, i)));
        }).ToArray();
        return [.. Enumerable.Range(0, _masters).Select(i => new RedisShard(nodes[i], nodes[i + _masters]))];
    }

    /// <returns>Null while there is none.</returns>
    public (Member Master, Member Replica)? Roles() =>
        Info(one)?.Contains("role:master", StringComparison.Ordinal) == true ? (one.Node, other.Node)
        : Info(other)?.Contains("role:master", StringComparison.Ordinal) == true ? (other.Node, one.Node) : null;

    /// <summary>The master has its replica, which has what it has.</summary>
    public bool IsWhole() => new[] { one, other }.Any(node => Info(node) is { } info && info.Contains("role:master", StringComparison.Ordinal) && info.Contains("state=online", StringComparison.Ordinal));

    /// <summary>Whether the replica hears nothing more of its master, not even what is on its way; both go on.</summary>
    public void Part(bool part)
    {
        one.Link.CutReplicas(part);
        other.Link.CutReplicas(part);
    }

    public void Dispose()
    {
        one.Link.Dispose();
        other.Link.Dispose();
    }

    private static string? Info((Member Node, int Port, CutProxy) node)
    {
        if (!node.Node.IsRunning) return null;
        try
        {
            using var ask = new RedisClient(node.Port);
            return (string?)ask.Ask("INFO", "replication");
        }
        catch (Exception e) when (e is SocketException or IOException or InvalidOperationException) // it starts, or reads its file
        {
            return null;
        }
    }

    private static string Known(int firstPort, int myself)
    {
        var lines = Enumerable.Range(0, 2 * _masters).Select(i => string.Create(CultureInfo.InvariantCulture,
            $"{Id(i)} 127.0.0.1:{firstPort + i}@{BusOf(firstPort, i)} {(i == myself ? "myself," : "")}{(i < _masters ? "master -" : "slave " + Id(i - _masters))} 0 0 {i % _masters + 1} connected")
            + (i < _masters ? string.Create(CultureInfo.InvariantCulture, $" {i * _slots / _masters}-{(i + 1) * _slots / _masters - 1}") : ""));
        return string.Join('\n', lines) + "\nvars currentEpoch 3 lastVoteEpoch 0\n";
    }

    private static string Id(int node) => new((char)('a' + node), 40);
    private static int PortOf(int firstPort, int node) => firstPort + 4 * _masters + node;
    private static int BusOf(int firstPort, int node) => firstPort + 2 * _masters + node;
    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
