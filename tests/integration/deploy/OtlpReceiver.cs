using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace OrleansInbox.Tests.Deployment;

/// <summary>Takes what a collector would be sent (OTLP by HTTP, protobuf) and looks for names in it: protobuf keeps texts as they are.</summary>
internal sealed class OtlpReceiver : IAsyncDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);
    private readonly ConcurrentQueue<(string Path, string Body)> _received = new();
    private readonly SemaphoreSlim _arrived = new(0);
    private readonly WebApplication _app;

    private OtlpReceiver(WebApplication app) => _app = app;

    /// <summary>What a process is told to export to here, soon and often.</summary>
    public IReadOnlyDictionary<string, string> Variables => new Dictionary<string, string>
    {
        ["OTEL_EXPORTER_OTLP_ENDPOINT"] = _app.Urls.First(),
        ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
        ["OTEL_METRIC_EXPORT_INTERVAL"] = "250",
        ["OTEL_BSP_SCHEDULE_DELAY"] = "100",
    };

    public static async Task<OtlpReceiver> Start()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var receiver = new OtlpReceiver(app);
        app.MapPost("/v1/{signal}", receiver.Receive);
        await app.StartAsync();
        return receiver;
    }

    /// <returns>When a request to the path has held all of the texts.</returns>
    public async Task Got(string path, params string[] texts)
    {
        using var patience = new CancellationTokenSource(_patience);
        try
        {
            while (!_received.Any(request => request.Path == path && texts.All(text => request.Body.Contains(text, StringComparison.Ordinal))))
                await _arrived.WaitAsync(patience.Token);
        }
        catch (OperationCanceledException e)
        {
            throw new TimeoutException($"Waited {_patience} for a request to {path} with {string.Join(", ", texts)}; so far: {string.Join(", ", _received.Select(request => $"{request.Path} ({request.Body.Length} bytes)"))}", e);
        }
    }

    /// <summary>Whether anything received so far has the text.</summary>
    public bool Has(string text) => _received.Any(request => request.Body.Contains(text, StringComparison.Ordinal));

    public ValueTask DisposeAsync()
    {
        _arrived.Dispose();
        return _app.DisposeAsync();
    }

    private async Task Receive(HttpContext http)
    {
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body);
        http.Response.ContentType = "application/x-protobuf"; // an empty answer is a protobuf message: everything was accepted
        _received.Enqueue((http.Request.Path, Encoding.Latin1.GetString(body.ToArray())));
        _arrived.Release();
    }
}
