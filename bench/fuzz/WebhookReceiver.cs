using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace OrleansInbox.Fuzz;

/// <summary>The endpoint of the server's webhooks: without one, what is to be told is not stored. It takes all of them.</summary>
internal sealed class WebhookReceiver : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;
    private long _count;

    public WebhookReceiver()
    {
        _listener.Start();
        Url = new($"http://{_listener.LocalEndpoint}/hook");
        _accepting = Accept();
    }

    public Uri Url { get; }
    public long Count => Volatile.Read(ref _count);

    /// <summary>The first that is no event with items of a person; null when there is none.</summary>
    public string? Fault { get; private set; }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting;
        _stop.Dispose();
    }

    private async Task Accept()
    {
        var connections = new List<Task>();
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                connections.RemoveAll(one => one.IsCompleted);
                connections.Add(Answer(client));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task Answer(TcpClient client)
    {
        using (client)
        {
            try
            {
                using var reader = new StreamReader(client.GetStream(), Encoding.Latin1);
                while (await Body(reader) is { } body)
                {
                    Interlocked.Increment(ref _count);
                    if (!IsEvent(body)) Fault ??= body;
                    await client.GetStream().WriteAsync("HTTP/1.1 204 No Content\r\n\r\n"u8.ToArray(), _stop.Token);
                }
            }
            catch (Exception failure) when (failure is IOException or OperationCanceledException)
            {
                // The server has ended, or we have.
            }
        }
    }

    /// <returns>A char for each byte; null when the connection is closed.</returns>
    private async Task<string?> Body(StreamReader reader)
    {
        const string Length = "content-length:";
        var length = 0;
        while (await reader.ReadLineAsync(_stop.Token) is { } line)
        {
            if (line.StartsWith(Length, StringComparison.OrdinalIgnoreCase)) length = int.Parse(line.AsSpan(Length.Length), CultureInfo.InvariantCulture);
            if (line.Length > 0) continue;
            var body = new char[length];
            return await reader.ReadBlockAsync(body, _stop.Token) == length ? new(body) : null;
        }
        return null;
    }

    private static bool IsEvent(string body)
    {
        try
        {
            using var json = JsonDocument.Parse(Encoding.Latin1.GetBytes(body));
            var data = json.RootElement.GetProperty("data");
            return data.GetProperty("user").GetString()!.Length > 0 && data.GetProperty("items").GetArrayLength() > 0;
        }
        catch (Exception failure) when (failure is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return false;
        }
    }
}
