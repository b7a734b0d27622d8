using System.Net;
using Microsoft.AspNetCore.Builder;
using OrleansInbox.ClientApi.Access;
using OrleansInbox.ClientApi.Endpoints;
using OrleansInbox.Tests.ClientApi;

namespace OrleansInbox.Tests.Cluster;

/// <summary>Silos and front-ends, the whole programs, each on ports of its own in this process, with one Redis between them.</summary>
internal sealed class ClusterFixture : IAsyncDisposable
{
    private readonly List<WebApplication> _running = [];
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("inbox-cluster-");

    private readonly string? _elsewhere;

    private ClusterFixture(string? elsewhere) => _elsewhere = elsewhere;

    public RedisServer Redis { get; private set; } = null!;

    /// <param name="redis">For <c>ConnectionStrings:Redis</c>, when it is not to have one of its own.</param>
    public static async Task<ClusterFixture> Open(string? redis = null)
    {
        var cluster = new ClusterFixture(redis);
        if (redis is null) cluster.Redis = await RedisServer.Start("always"); // it may be killed, and keeps what it acknowledged
        return cluster;
    }

    /// <param name="cluster">Silos and front-ends of other clusters do not know of these, though they share the data.</param>
    /// <param name="settings">Further arguments.</param>
    public async Task<WebApplication> Silo(string cluster = "one", params string[] settings)
    {
        var silo = OrleansInbox.Silo.Program.Build([.. SiloArguments(cluster), .. settings]);
        await silo.StartAsync();
        _running.Add(silo);
        return silo;
    }

    public string[] SiloArguments(string cluster = "one") =>
        ["--urls=http://127.0.0.1:0", $"--Cluster:SiloPort={FreePort.Next()}", $"--Cluster:GatewayPort={FreePort.Next()}", .. Common(cluster)];

    public async Task<Uri> StartFrontEnd(string role = "Client", params string[] settings)
    {
        string[] ports = role == "Client" ? [] : [$"--Cluster:SiloPort={FreePort.Next()}", $"--Cluster:GatewayPort={FreePort.Next()}"];
        var port = FreePort.Next();
        var frontEnd = OrleansInbox.ClientApi.Program.Build(
            [$"--urls=http://127.0.0.1:{port}", "--environment=Production", $"--Cluster:Role={role}", "--Live:Heartbeat=00:00:01", .. ports, .. Common("one"), .. ApiServer.Credentials(), .. settings]);
        _running.Add(frontEnd);
        var address = new Uri($"http://127.0.0.1:{port}");
        var starting = frontEnd.StartAsync(); // goes on for as long as there is no silo
        await Eventually.Is(async () => starting.IsFaulted || await new InboxClient(address).Status("/health/live") == HttpStatusCode.OK, "the front-end to listen");
        if (starting.IsFaulted) await starting;
        return address;
    }

    /// <summary>As a host is asked to end: by SIGTERM.</summary>
    public async Task Stop(WebApplication member)
    {
        _running.Remove(member);
        await member.StopAsync();
        await member.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var member in Enumerable.Reverse(_running).ToList())
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
            try
            {
                await member.StopAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                // A silo that was left alone in a cluster of the dead takes its time.
            }
            await member.DisposeAsync();
        }
        if (_elsewhere is null) await Redis.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private string[] Common(string cluster) =>
    [
        $"--ConnectionStrings:Redis={_elsewhere ?? Redis.Address}", $"--Cluster:ClusterId={cluster}", "--Cluster:ServiceId=tests", "--Cluster:AdvertisedAddress=127.0.0.1",
        $"--Inbox:DataPath={_folder.FullName}", "--Logging:LogLevel:Default=None", "--Logging:LogLevel:Orleans=None", "--Logging:LogLevel:OrleansInbox=None",
    ];
}
