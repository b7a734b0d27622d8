using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace OrleansInbox.Bench.Comparisons;

/// <summary>client-api in one process, in Production, with inboxes in a Redis of its own (<c>appendfsync everysec</c>) or in SQLite.</summary>
internal sealed class OurServer(string name, string dll, string data) : IServer
{
    public const string OnRedis = "ours-redis";
    public const string OnSqlite = "ours-sqlite";
    private readonly string _folder = Path.Combine(data, name);
    private readonly string _key = Convert.ToHexString(RandomNumberGenerator.GetBytes(32));
    private readonly int _port = FreePort();
    private readonly int _redisPort = FreePort();
    private ServerProcess? _redis, _server;

    public string Name => name;

    public async Task<string> Start(IReadOnlyList<string> settings, CancellationToken stop)
    {
        await End(_server);
        _server = null;
        if (name == OnRedis && _redis is null) await StartRedis(stop);
        string[] storage = name == OnRedis ? ["--ConnectionStrings:Redis", $"127.0.0.1:{_redisPort}"] : ["--Inbox:DataPath", _folder];
        Directory.CreateDirectory(_folder);
        _server = ServerProcess.Start(Path.Combine(data, $"{name}.log"), Path.GetDirectoryName(dll)!,
        [
            "dotnet", dll, "--environment", "Production", "--urls", $"http://127.0.0.1:{_port}", .. storage,
            "--Auth:ApiKeys:0:Sha256", Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(_key))),
            "--RateLimit:UserPerSecond", "0", "--RateLimit:PublisherPerSecond", "0", .. settings,
        ]);
        var text = $"{name}=http://127.0.0.1:{_port},auth=ApiKey {_key},pids={_server.Pid}{(_redis is null ? "" : $",{_redis.Pid}")}";
        var target = Target.Parse(text, out _)!;
        await _server.WaitFor(() => IsReady(target), stop);
        return text;
    }

    public async ValueTask DisposeAsync()
    {
        await End(_server);
        await End(_redis);
    }

    private async Task StartRedis(CancellationToken stop)
    {
        if (!(Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, "redis-server"))))
            throw new ComparisonException("redis-server is missing: on Debian, apt-get install -y --no-install-recommends redis-server");
        Directory.CreateDirectory(_folder);
        // A rewrite of the file would fall into the turn of one target.
        _redis = ServerProcess.Start(Path.Combine(data, "redis-server.log"), _folder,
        [
            "redis-server", "--port", $"{_redisPort}", "--bind", "127.0.0.1", "--save", "", "--appendonly", "yes", "--appendfsync", "everysec", "--auto-aof-rewrite-percentage", "0",
        ]);
        await _redis.WaitFor(() => Listens(_redisPort), stop);
    }

    private static async ValueTask End(ServerProcess? process)
    {
        if (process is not null) await process.DisposeAsync();
    }

    private static async Task<bool> IsReady(Target target)
    {
        try
        {
            using var connection = await HttpConnection.Open(target, TimeSpan.FromSeconds(1));
            return await connection.Exchange(Encoding.ASCII.GetBytes($"GET /health/ready HTTP/1.1\r\nHost: {target.Host}\r\n\r\n")).AsTask().WaitAsync(TimeSpan.FromSeconds(5)) == 200;
        }
        catch (Exception e) when (Sample.IsWire(e) || e is TimeoutException) { return false; }
    }

    private static async Task<bool> Listens(int port)
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(IPAddress.Loopback, port);
            return true;
        }
        catch (SocketException) { return false; }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
