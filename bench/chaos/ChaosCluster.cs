using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace OrleansInbox.Chaos;

/// <summary>The cluster under test: Redis with an append-only file that is written before each answer, silos, front-ends, a proxy before each of those.</summary>
internal sealed class ChaosCluster : IAsyncDisposable
{
    private ChaosCluster(ChaosOptions options, string key, RedisShard[] shards, Member[] redis, Member[] silos, Member[] frontEnds, CutProxy[] doors)
    {
        (Options, ApiKey, Shards, Redis, Silos, FrontEnds, Doors) = (options, key, shards, redis, silos, frontEnds, doors);
    }

    public ChaosOptions Options { get; }
    public string ApiKey { get; }

    /// <summary>Of a Redis Cluster; none otherwise.</summary>
    public RedisShard[] Shards { get; }
    public Member[] Redis { get; }
    public Member[] Silos { get; }
    public Member[] FrontEnds { get; }

    /// <summary>Where clients of the front-end with the same index go.</summary>
    public CutProxy[] Doors { get; }
    public int[] RedisPorts { get; private init; } = [];

    public static async Task<ChaosCluster> Build(ChaosOptions options, CancellationToken stop)
    {
        var folder = Directory.CreateDirectory(options.Folder).FullName;
        var key = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24));
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));
        string Log(string name) => Path.Combine(folder, name + ".log");
        int[] ports = options.RedisCluster ? [.. Enumerable.Range(options.Port + 60, 6)] : [options.Port];
        string[] common =
        [
            "--ConnectionStrings:Redis", string.Join(',', ports.Select(port => $"127.0.0.1:{Text(port)}")), "--Storage:WaitReplicas", options.RedisCluster ? "1" : "0", "--Cluster:AdvertisedAddress", "127.0.0.1",
            "--Inbox:Retention:MaxCount", "1000000", "--Logging:LogLevel:Default", "Warning", "--Logging:Console:FormatterName", "simple", "--Logging:Console:FormatterOptions:TimestampFormat", "HH:mm:ss.fff ",
        ];
        string[] webhooks = ["--Webhooks:0:Url", Url(options.Port + 80), "--Webhooks:0:Secret", Endpoint.Secret];
        var shards = options.RedisCluster ? RedisShard.Build(folder, ports[0]) : [];
        Member[] redis = options.RedisCluster ? [.. shards.SelectMany(shard => shard.Nodes)] : [new Member("redis", Log("redis"),
            ["redis-server", "--port", Text(options.Port), "--bind", "127.0.0.1", "--dir", folder, "--save", "", "--appendonly", "yes", "--appendfsync", "always"], null)];
        var silos = Enumerable.Range(0, options.Silos).Select(i => new Member($"silo-{i}", Log($"silo-{i}"),
            ["dotnet", Dll("OrleansInbox.Silo"), "--urls", Url(options.Port + 10 + i), "--Cluster:SiloPort", Text(options.Port + 20 + i), "--Cluster:GatewayPort", Text(options.Port + 30 + i), .. webhooks, .. common],
            new(Url(options.Port + 10 + i) + "/health/ready"))).ToArray();
        string[] Role(int i) => options.IsCoHosted
            ? ["--Cluster:Role", "CoHosted", "--Cluster:SiloPort", Text(options.Port + 20 + i), "--Cluster:GatewayPort", Text(options.Port + 30 + i), .. webhooks]
            : ["--Cluster:Role", "Client"];
        var frontEnds = Enumerable.Range(0, options.FrontEnds).Select(i => new Member($"front-end-{i}", Log($"front-end-{i}"),
            ["dotnet", Dll("OrleansInbox.ClientApi"), "--urls", Url(options.Port + 40 + i), .. Role(i), "--Auth:ApiKeys:0:Sha256", hash, "--Live:Heartbeat", "00:00:02", .. common],
            new(Url(options.Port + 40 + i) + "/health/ready"))).ToArray();
        var doors = Enumerable.Range(0, options.FrontEnds).Select(i => new CutProxy(options.Port + 50 + i, options.Port + 40 + i)).ToArray();
        var house = new ChaosCluster(options, key, shards, redis, silos, frontEnds, doors) { RedisPorts = ports };
        try
        {
            await house.Start(stop);
            return house;
        }
        catch
        {
            await house.DisposeAsync();
            throw;
        }
    }

    private async Task Start(CancellationToken stop)
    {
        foreach (var node in Redis) node.Start();
        await Task.Delay(500, stop);
        for (var waited = 0; !Shards.All(shard => shard.IsWhole()); waited++)
            if (waited < 150) await Task.Delay(200, stop);
            else throw new InvalidOperationException("The Redis Cluster does not get whole.");
        foreach (var member in All.Skip(Redis.Length)) member.Start();
        foreach (var member in All)
            if (!await member.Ready(TimeSpan.FromSeconds(60), stop)) throw new InvalidOperationException($"{member.Name} does not get ready; see {member.Name}.log in {Options.Folder}");
    }

    public IEnumerable<Member> All => [.. Redis, .. Silos, .. FrontEnds];

    public async ValueTask DisposeAsync()
    {
        foreach (var door in Doors) door.Dispose();
        await Task.WhenAll(FrontEnds.Select(f => f.Terminate()));
        await Task.WhenAll(Silos.Select(s => s.Terminate()));
        await Task.WhenAll(Redis.Select(r => r.Terminate()));
        foreach (var shard in Shards) shard.Dispose();
        foreach (var member in All) member.Dispose();
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
    private static string Url(int port) => $"http://127.0.0.1:{Text(port)}";

    /// <summary>Beside this program's own folder in the artifacts.</summary>
    private static string Dll(string project)
    {
        var mine = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        var dll = Path.Combine(mine.Parent!.Parent!.FullName, project, mine.Name, project + ".dll");
        return File.Exists(dll) ? dll : throw new InvalidOperationException($"{project} is not built: {dll} is missing.");
    }
}
