using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans;
using OrleansInbox.ClientApi.Live;

namespace OrleansInbox.Tests.ClientApi.Live;

/// <summary>The real grain, its storage, its stream and a real server; over HTTP/1.1 and HTTP/2.</summary>
public sealed class RealStreamTests : IAsyncLifetime
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    /// <summary>Readers that read never come near it: the buffers of their sockets would have to be full.</summary>
    private static readonly TimeSpan _flushTimeout = TimeSpan.FromSeconds(1);

    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("inbox-live-");
    private readonly CancellationToken _late = new CancellationTokenSource(_patience).Token;
    private readonly TaskCompletionSource<bool> _served = new(TaskCreationOptions.RunContinuationsAsynchronously);
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
        // Of a known size, so that a test can fill it.
        builder.WebHost.UseSockets(sockets => sockets.CreateBoundListenSocket = endpoint =>
        {
            var socket = SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint);
            socket.SendBufferSize = 64 * 1024;
            return socket;
        });
        builder.UseInbox(new InboxOptions { DataPath = _data.FullName }, new TopologyOptions());
        builder.Services.AddLiveInboxes(new LiveOptions { FlushTimeout = _flushTimeout, QueuePerConnection = 100_000, QueuedBytesPerUser = 256 * 1024 * 1024 });
        _app = builder.Build();
        _app.MapGet("/stream", async (HttpContext http, LiveInboxes live, string? last) =>
        {
            await live.Stream(http, "default/ann", NotificationId.TryParse(last, out var id) ? id : null, until: null);
            _served.TrySetResult(http.RequestAborted.IsCancellationRequested);
        });
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
    public async Task A_client_that_does_not_read_is_cut_off_and_others_do_not_notice()
    {
        using var client = new HttpClient { BaseAddress = new Uri(_app.Urls.First()) };
        using var reading = new StreamReader(await client.GetStreamAsync("/stream", _late));
        Assert.Equal("ready", (await Next(reading)).Kind);
        using var stuck = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4_096 };
        await stuck.ConnectAsync(IPAddress.Loopback, client.BaseAddress.Port, _late);
        await stuck.SendAsync("GET /stream HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray(), _late);
        var data = Encoding.UTF8.GetBytes($"\"{new string('x', 16_000)}\"");
        for (var published = 0; published < 200; published += 20) // 3 MB, more than all buffers on the way hold
        {
            await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Ann.Append(new NewNotification { Type = "test", Title = "Hello", Data = data })));
            for (var i = 0; i < 20; i++) Assert.Equal("added", (await Next(reading)).Kind);
        }
        Assert.True(await _served.Task.WaitAsync(_late), "The stream ended otherwise than by being cut off.");
        var last = await Publish();
        Assert.Equal(last.ToString(), (await Next(reading)).Id);
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
