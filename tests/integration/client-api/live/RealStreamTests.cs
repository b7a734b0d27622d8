using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans;
using OrleansInbox.ClientApi.Live;

namespace OrleansInbox.Tests.ClientApi.Live;

/// <summary>The real grain, its storage, its stream and a real server; over HTTP/1.1 and HTTP/2.</summary>
public sealed class RealStreamTests : IAsyncLifetime
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("inbox-live-");
    private readonly CancellationToken _late = new CancellationTokenSource(_patience).Token;
    private WebApplication _app = null!;

    private IInboxGrain Ann => _app.Services.GetRequiredService<IGrainFactory>().GetGrain<IInboxGrain>("default/ann");

    public async Task InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http1);
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2);
        });
        builder.UseInbox(new InboxOptions { DataPath = _data.FullName }, new TopologyOptions());
        builder.Services.AddLiveInboxes(new LiveOptions());
        _app = builder.Build();
        _app.MapGet("/stream", (HttpContext http, LiveInboxes live, string? last) =>
            live.Stream(http, "default/ann", NotificationId.TryParse(last, out var id) ? id : null));
        await _app.StartAsync();
    }

    public async Task DisposeAsync()
    {
        await _app.DisposeAsync();
        _data.Delete(recursive: true);
    }

    [Theory]
    [InlineData(1), InlineData(2)]
    public async Task A_stream_is_live_resumes_and_ends_with_a_retry(int version)
    {
        using var client = new HttpClient { BaseAddress = new Uri(_app.Urls.ElementAt(version - 1)) };
        client.DefaultRequestVersion = new Version(version, version == 1 ? 1 : 0);
        client.DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        var ids = new List<string>();
        await using (var live = await client.GetStreamAsync("/stream", _late))
        using (var lines = new StreamReader(live))
        {
            Assert.Equal("ready", (await Next(lines)).Kind);
            for (var i = 0; i < 20; i++)
            {
                ids.Add((await Publish()).ToString());
                Assert.Equal(ids[^1], (await Next(lines)).Id);
            }
            await Ann.Mark(new MarkRequest { Action = MarkAction.Read, All = true });
            Assert.Equal("marked", (await Next(lines)).Kind);
        }
        ids.Add((await Publish()).ToString());
        using var resumed = new StreamReader(await client.GetStreamAsync($"/stream?last={ids[4]}", _late));
        foreach (var id in ids[5..]) Assert.Equal(id, (await Next(resumed)).Id);
        Assert.Equal("ready", (await Next(resumed)).Kind);
        await Ann.Erase();
        Assert.Equal("reset", (await Next(resumed)).Kind);
        var again = await Publish();
        Assert.Equal(again.ToString(), (await Next(resumed)).Id);
        await _app.StopAsync(_late);
        Assert.Equal("retry", (await Next(resumed)).Kind);
        Assert.Null(await resumed.ReadLineAsync(_late));
    }

    [Fact]
    public async Task Many_readers_see_what_many_publishers_send_once_and_in_order()
    {
        const int publishers = 8, each = 50;
        using var client = new HttpClient { BaseAddress = new Uri(_app.Urls.First()) };
        var readers = new List<StreamReader>();
        for (var i = 0; i < 5; i++)
        {
            readers.Add(new StreamReader(await client.GetStreamAsync("/stream", _late)));
            Assert.Equal("ready", (await Next(readers[^1])).Kind);
        }
        var published = await Task.WhenAll(Enumerable.Range(0, publishers).Select(async _ =>
        {
            var ids = new List<NotificationId>();
            for (var i = 0; i < each; i++) ids.Add(await Publish());
            return ids;
        }));
        var all = published.SelectMany(ids => ids).Order().Select(id => id.ToString()).ToList();
        foreach (var reader in readers)
        {
            foreach (var id in all) Assert.Equal(id, (await Next(reader)).Id);
            reader.Dispose();
        }
    }

    private async Task<NotificationId> Publish() => (await Ann.Append(new NewNotification { Type = "test", Title = "Hello" })).Id;

    /// <summary>The next event; a heartbeat is none, and may come at any time.</summary>
    private async Task<Received> Next(StreamReader lines)
    {
        while (true)
        {
            var block = new List<string>();
            while (await lines.ReadLineAsync(_late) is { Length: > 0 } line) block.Add(line);
            if (block is not [":"]) return Received.Of(string.Join('\n', block));
        }
    }
}
