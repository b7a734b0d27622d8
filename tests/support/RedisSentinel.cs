using System.Globalization;

namespace OrleansInbox.Tests;

/// <summary>A master, its replica, and one sentinel over them, which is enough to make the replica the master when it is told to.</summary>
public sealed class RedisSentinel : IAsyncDisposable
{
    public const string Service = "inboxes";

    private RedisSentinel(RedisServer master, RedisServer replica, RedisServer sentinel) => (Master, Replica, Sentinel) = (master, replica, sentinel);

    /// <summary>At first.</summary>
    public RedisServer Master { get; }

    /// <summary>At first.</summary>
    public RedisServer Replica { get; }
    public RedisServer Sentinel { get; }

    /// <summary>For <c>ConnectionStrings:Redis</c>.</summary>
    public string Address => $"{Sentinel.Address},serviceName={Service}";

    /// <param name="port">Of the sentinel.</param>
    public static async Task<RedisSentinel> Start(int? port = null)
    {
        var master = await RedisServer.Start("everysec", "--repl-diskless-sync-delay", "0");
        var replica = await RedisServer.Start("everysec", "--replicaof", "127.0.0.1", Text(master.Port), "--repl-diskless-sync-delay", "0");
        var sentinel = new RedisServer(port ?? FreePort.Next());
        var all = new RedisSentinel(master, replica, sentinel);
        try
        {
            await File.WriteAllLinesAsync(Path.Combine(sentinel.Folder.FullName, "sentinel.conf"),
                [$"port {Text(sentinel.Port)}", "bind 127.0.0.1", $"sentinel monitor {Service} 127.0.0.1 {Text(master.Port)} 1", $"sentinel down-after-milliseconds {Service} 1000", $"sentinel failover-timeout {Service} 3000"]);
            sentinel.RunAs("sentinel.conf", "--sentinel");
            await sentinel.Start();
            await Eventually.Is(async () => (await replica.Ask("INFO", "replication")).Contains("master_link_status:up", StringComparison.Ordinal), "the replica to have its master");
            await Eventually.Is(async () => (await sentinel.Ask("INFO", "sentinel")).Contains("slaves=1", StringComparison.Ordinal), "the sentinel to know the replica");
            return all;
        }
        catch
        {
            await all.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Sentinel.DisposeAsync();
        await Replica.DisposeAsync();
        await Master.DisposeAsync();
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
