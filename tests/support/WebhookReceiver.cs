using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace OrleansInbox.Tests;

/// <summary>An endpoint: what it was sent, and what it answers to that.</summary>
internal sealed class WebhookReceiver : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Channel<(string Id, JsonElement Body, IHeaderDictionary Headers, byte[] Raw)> _received = Channel.CreateUnbounded<(string, JsonElement, IHeaderDictionary, byte[])>();

    private WebhookReceiver(WebApplication app) => _app = app;

    public Uri Url { get; private set; } = null!;

    /// <summary>To each attempt.</summary>
    public Func<HttpContext, Task> Answer { get; set; } = _ => Task.CompletedTask;

    public int Attempts => _attempts;
    private int _attempts;

    public static async Task<WebhookReceiver> Start()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        var receiver = new WebhookReceiver(app);
        app.Run(receiver.Receive);
        await app.StartAsync();
        receiver.Url = new Uri(app.Urls.First() + "/hook");
        return receiver;
    }

    /// <returns>The next one, whatever it was answered.</returns>
    public async Task<(string Id, JsonElement Body, IHeaderDictionary Headers, byte[] Raw)> Next()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        return await _received.Reader.ReadAsync(patience.Token);
    }

    public bool HasMore => _received.Reader.Count > 0;

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task Receive(HttpContext http)
    {
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body);
        Interlocked.Increment(ref _attempts);
        await Answer(http);
        _received.Writer.TryWrite((http.Request.Headers["webhook-id"].ToString(), JsonDocument.Parse(body.ToArray()).RootElement, new HeaderDictionary(http.Request.Headers.ToDictionary()), body.ToArray()));
    }
}
