using Microsoft.Extensions.DependencyInjection;
using OrleansInbox.Ingest;
using OrleansInbox.Storage.Redis;

namespace OrleansInbox.Tests.Grains.Ingest;

/// <summary>A Redis, a publisher that writes to a stream there, and silos that read it.</summary>
internal sealed class IngestFixture : IAsyncDisposable
{
    private readonly List<InboxHost> _hosts = [];
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("inbox-ingest-");

    public RedisServer Redis { get; private set; } = null!;
    public StreamPublisher Publisher { get; private set; } = null!;

    /// <summary>Of hosts that are started from then on.</summary>
    public InboxOptions Options { get; set; } = new();

    public static async Task<IngestFixture> Open(string fsync = "everysec")
    {
        var redis = await RedisServer.Start(fsync);
        return new() { Redis = redis, Publisher = await StreamPublisher.Connect(redis) };
    }

    /// <param name="reads">Null: its reader is started by <see cref="Read"/>.</param>
    public async Task<InboxHost> Host(params string[] reads)
    {
        var host = await InboxHost.Start(Redis.Address, _folder.FullName, Options, ingest: new IngestOptions { Streams = reads });
        _hosts.Add(host);
        return host;
    }

    public static Task Read(InboxHost host) => host.Cluster.GetGrain<IIngestGrain>(StreamPublisher.Stream).KeepReading();

    /// <summary>What a reader does before it hands anything in.</summary>
    public static async Task<(List<WrittenEntry> Given, IngestOutcome Came)> ReadAndDie(InboxHost host, int wanted, int appended)
    {
        var services = host.Services.GetRequiredService<IngestServices>();
        var stream = IngestStream.Parse(StreamPublisher.Stream)!;
        var (_, given) = await new RedisIngest(services.Redis, stream, 1_000).Next(IngestOutcome.None, wanted);
        return (given, await new IngestAppends(stream, services).Append(given[..appended], CancellationToken.None));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var host in _hosts) await host.DisposeAsync();
        await Publisher.DisposeAsync();
        await Redis.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}
