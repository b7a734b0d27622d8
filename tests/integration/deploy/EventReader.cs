using System.Text.Json;

namespace OrleansInbox.Tests.Deployment;

/// <summary>Reads a stream as a browser does: event by event, as they come.</summary>
internal sealed class EventReader : IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(10); // less than a heartbeat: nothing else could have pushed an event through a buffer
    private readonly HttpResponseMessage _response;
    private readonly StreamReader _lines;

    private EventReader(HttpResponseMessage response, StreamReader lines) => (_response, _lines) = (response, lines);

    /// <summary>Of the last <c>added</c>.</summary>
    public string? LastId { get; private set; }

    /// <summary>A <c>retry:</c> was seen.</summary>
    public bool ToldToRetry { get; private set; }

    public static async Task<EventReader> Open(HttpClient http, string path, string? lastEventId = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (lastEventId is not null) request.Headers.Add("Last-Event-ID", lastEventId);
        var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        response.EnsureSuccessStatusCode();
        return new(response, new StreamReader(await response.Content.ReadAsStreamAsync())) { LastId = lastEventId };
    }

    /// <returns>Its name and data; null at the end of the stream.</returns>
    public async Task<(string Name, JsonElement Data)?> Next()
    {
        using var patience = new CancellationTokenSource(_patience);
        string? name = null, data = null, id = null;
        try
        {
            while (await _lines.ReadLineAsync(patience.Token) is { } line)
            {
                if (line.StartsWith("event: ", StringComparison.Ordinal)) name = line[7..];
                else if (line.StartsWith("data: ", StringComparison.Ordinal)) data = line[6..];
                else if (line.StartsWith("id: ", StringComparison.Ordinal)) id = line[4..];
                else if (line.StartsWith("retry: ", StringComparison.Ordinal)) ToldToRetry = true;
                else if (line.Length == 0 && name is not null)
                {
                    if (name == "added") LastId = id;
                    return (name, JsonDocument.Parse(data!).RootElement);
                }
            }
            return null;
        }
        catch (OperationCanceledException e)
        {
            throw new TimeoutException($"Waited {_patience} for an event after {LastId}.", e);
        }
    }

    /// <returns>The title of what has to be an <c>added</c>.</returns>
    public async Task<string?> NextTitle()
    {
        var (name, data) = await Next() ?? throw new InvalidOperationException($"The stream ended after {LastId}.");
        Assert.Equal("added", name);
        return data.GetProperty("item").GetProperty("title").GetString();
    }

    public void Dispose()
    {
        _lines.Dispose();
        _response.Dispose();
    }
}
