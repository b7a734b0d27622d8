using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using OrleansInbox.ClientApi.Endpoints;
using OrleansInbox.Tests.ClientApi;

namespace OrleansInbox.Tests.Cluster;

/// <summary>A publisher's client of one front-end.</summary>
internal sealed class InboxClient(Uri frontEnd)
{
    private static readonly HttpClient _http = new()
    {
        Timeout = TimeSpan.FromSeconds(20),
        DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("ApiKey", ApiServer.PublisherKey) },
    };

    public async Task<HttpStatusCode> Status(string path)
    {
        try
        {
            using var answer = await _http.GetAsync(new Uri(frontEnd, path));
            return answer.StatusCode;
        }
        catch (HttpRequestException)
        {
            return 0; // nobody listens
        }
    }

    public Task<HttpResponseMessage> Get(string user, string path) => _http.GetAsync(Url(user, path));

    public Task<HttpResponseMessage> Post(string user, string title) => _http.PostAsJsonAsync(Url(user, "notifications"), new { type = "test", title });

    /// <returns>The id.</returns>
    public async Task<string> Publish(string user, string title = "hello")
    {
        using var answer = await Post(user, title);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString()!;
    }

    public async Task<JsonElement> Mark(string user, string action, object body)
    {
        using var answer = await _http.PostAsJsonAsync(Url(user, $"notifications/{action}"), body);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    /// <returns>Id and title of everything, oldest first.</returns>
    public async Task<List<(string Id, string Title)>> All(string user)
    {
        var page = await _http.GetFromJsonAsync<JsonElement>(Url(user, "notifications?limit=100&status=all"));
        return [.. page.GetProperty("items").EnumerateArray().Reverse().Select(i => (i.GetProperty("id").GetString()!, i.GetProperty("title").GetString()!))];
    }

    /// <summary>An open stream, ready.</summary>
    public async Task<LiveStream> Stream(string user, bool ready = true)
    {
        var answer = await _http.SendAsync(new HttpRequestMessage(HttpMethod.Get, Url(user, "stream")), HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var stream = new LiveStream(new StreamReader(await answer.Content.ReadAsStreamAsync()));
        if (ready) Assert.Equal("ready", (await stream.Next()).Kind);
        return stream;
    }

    private Uri Url(string user, string path) => new(frontEnd, $"/v1/users/{user}/{path}");
}

internal sealed class LiveStream(StreamReader lines)
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    /// <summary>The next event; kind "" is a heartbeat.</summary>
    public async Task<(string Kind, string Id)> NextOrBeat()
    {
        using var patience = new CancellationTokenSource(_patience);
        var (kind, id) = ("", "");
        while (await lines.ReadLineAsync(patience.Token) is { Length: > 0 } line)
        {
            if (line.StartsWith("event: ", StringComparison.Ordinal)) kind = line[7..];
            if (line.StartsWith("id: ", StringComparison.Ordinal)) id = line[4..];
        }
        return (kind, id);
    }

    public async Task<(string Kind, string Id)> Next()
    {
        while (true)
            if (await NextOrBeat() is { Kind: not "" } received) return received;
    }

    public async Task Added(params string[] ids)
    {
        foreach (var id in ids) Assert.Equal(("added", id), await Next());
    }
}
