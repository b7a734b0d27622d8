using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace OrleansInbox.Chaos;

/// <summary>The HTTP contract as clients use it, through the doors of the house.</summary>
internal sealed class Api : IDisposable
{
    private readonly HttpClient[] _clients;
    private readonly History _history;

    public Api(ChaosCluster house, History history)
    {
        _history = history;
        _clients = [.. house.Doors.Select(door =>
        {
            var client = new HttpClient(new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(3) }) { BaseAddress = new($"http://127.0.0.1:{door.Port}/v1/users/"), Timeout = Timeout.InfiniteTimeSpan };
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("ApiKey", house.ApiKey);
            return client;
        })];
    }

    public int Doors => _clients.Length;

    /// <returns>The id; null when there was no answer, or one that says try again.</returns>
    public async Task<string?> Publish(int door, string user, string title, string? key, string? collapseKey, CancellationToken stop)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{user}/notifications") { Content = Json($$"""{"type":"chaos","title":"{{title}}","actions":[{"id":"yes","label":"Yes"},{"id":"no","label":"No"}]{{(collapseKey is null ? "" : $",\"key\":\"{collapseKey}\"")}}}""") };
        if (key is not null) request.Headers.Add("Idempotency-Key", key);
        using var answer = await Send(door, request, stop);
        return answer is { RootElement: var root } ? root.GetProperty("id").GetString() : null;
    }

    /// <summary>Publishes what the endpoint is told of when it is not seen.</summary>
    public async Task<string?> PublishToBeTold(int door, string user, string title, int seconds, CancellationToken stop)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{user}/notifications") { Content = Json($$"""{"type":"chaos","title":"{{title}}","fallback":{"after":{{seconds}} } }""") };
        request.Headers.Add("Idempotency-Key", title);
        using var answer = await Send(door, request, stop);
        return answer?.RootElement.GetProperty("id").GetString();
    }

    /// <returns>Its name until it comes, empty when it came at once (all attempts before were lost until it was due); null when there was no answer.</returns>
    public async Task<string?> Schedule(int door, string user, string title, DateTimeOffset at, CancellationToken stop)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{user}/notifications") { Content = Json($$"""{"type":"chaos","title":"{{title}}","deliverAt":"{{at:O}}"}""") };
        request.Headers.Add("Idempotency-Key", title);
        using var answer = await Send(door, request, stop);
        return answer is null ? null : answer.RootElement.TryGetProperty("scheduled", out var name) ? name.GetString() : "";
    }

    /// <returns>Empty when it never comes, the id when it has come; null when there was no answer.</returns>
    public async Task<string?> Cancel(int door, string user, string scheduled, CancellationToken stop)
    {
        using var request = new HttpRequestMessage(HttpMethod.Delete, $"{user}/scheduled/{scheduled}");
        using var answer = await Send(door, request, stop, expected: HttpStatusCode.Conflict);
        return answer is null ? null : answer.RootElement.TryGetProperty("id", out var id) ? id.GetString() : "";
    }

    /// <returns>False when there was no answer.</returns>
    public async Task<bool> Snooze(int door, string user, string id, CancellationToken stop)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{user}/notifications/snooze") { Content = Json($$"""{"ids":["{{id}}"],"until":"{{DateTimeOffset.UtcNow.AddSeconds(65):O}}"}""") };
        using var answer = await Send(door, request, stop);
        return answer is not null;
    }

    /// <returns>False when there was no answer.</returns>
    public async Task<bool> Unsnooze(int door, string user, string id, CancellationToken stop)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{user}/unsnooze") { Content = Json($$"""{"ids":["{{id}}"]}""") };
        using var answer = await Send(door, request, stop);
        return answer is not null;
    }

    public async Task<string?> Subscribe(int door, string topic, string[] users, CancellationToken stop)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"../topics/{topic}/subscribers") { Content = Json($$"""{"add":["{{string.Join("\",\"", users)}}"]}""") };
        using var answer = await Send(door, request, stop);
        return answer is null ? null : "";
    }

    /// <returns>The job; null when there was no answer.</returns>
    public async Task<string?> PublishToTopic(int door, string topic, string title, CancellationToken stop)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"../topics/{topic}/notifications") { Content = Json($$"""{"type":"chaos","title":"{{title}}"}""") };
        request.Headers.Add("Idempotency-Key", title);
        using var answer = await Send(door, request, stop);
        return answer?.RootElement.GetProperty("job").GetString();
    }

    /// <returns>The id; null when there was no answer.</returns>
    public async Task<string?> Announce(int door, string title, DateTimeOffset until, CancellationToken stop)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "../announcements") { Content = Json($$"""{"notification":{"type":"chaos","title":"{{title}}"},"expiresAt":"{{until:O}}"}""") };
        request.Headers.Add("Idempotency-Key", title);
        using var answer = await Send(door, request, stop);
        return answer?.RootElement.GetProperty("id").GetString();
    }

    /// <summary>Until it is answered, at one door after the other.</summary>
    public async Task<T> Insist<T>(int door, Func<int, Task<T?>> ask, CancellationToken stop) where T : class
    {
        for (; ; door = (door + 1) % Doors)
        {
            if (await ask(door) is { } answer) return answer;
            await Task.Delay(100, stop);
        }
    }

    /// <param name="action">Of marks, delete, or yes or no: what is chosen.</param>
    /// <returns>What takes the mark back, empty for a delete or a choice; null when there was no answer.</returns>
    public async Task<string?> Mark(int door, string user, string action, bool upTo, string[] ids, CancellationToken stop)
    {
        var (isDelete, isChoice) = (action == "delete", action is "yes" or "no");
        using var request = new HttpRequestMessage(isDelete ? HttpMethod.Delete : HttpMethod.Post, $"{user}/notifications/{(isDelete ? ids[0] : isChoice ? $"{ids[0]}/actions/{action}" : action)}");
        if (!isDelete && !isChoice) request.Content = Json(upTo ? $$"""{"upTo":"{{ids[0]}}"}""" : $$"""{"ids":["{{string.Join("\",\"", ids)}}"]}""");
        using var answer = await Send(door, request, stop, mayBeGone: isChoice);
        return answer is null ? null : isDelete || isChoice ? "" : answer.RootElement.GetProperty("undo").GetString();
    }

    /// <returns>False when there was no answer.</returns>
    public async Task<bool> Undo(int door, string user, string undo, CancellationToken stop)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{user}/notifications/undo") { Content = Json($$"""{"undo":"{{undo}}"}""") };
        using var answer = await Send(door, request, stop);
        return answer is not null;
    }

    public async Task<Counts?> Counts(int door, string user, CancellationToken stop)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{user}/counts");
        using var answer = await Send(door, request, stop);
        return answer is null ? null : CountsOf(answer.RootElement);
    }

    public async Task<(Entry[] Entries, string? Next, Counts Counts)?> Page(int door, string user, string? before, CancellationToken stop)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{user}/notifications?limit=100&status=all{(before is null ? "" : $"&before={before}")}");
        using var answer = await Send(door, request, stop);
        if (answer is null) return null;
        var root = answer.RootElement;
        var entries = root.GetProperty("items").EnumerateArray()
            .Select(i => new Entry(i.GetProperty("id").GetString()!, i.GetProperty("title").GetString()!, i.GetProperty("read").GetBoolean(), i.GetProperty("archived").GetBoolean(),
                i.TryGetProperty("acted", out var acted) ? acted.GetProperty("action").GetString() : null)).ToArray();
        return (entries, root.GetProperty("next").GetString(), CountsOf(root.GetProperty("counts")));
    }

    /// <summary>An open stream.</summary>
    public Task<HttpResponseMessage> Stream(int door, string user, string? after, CancellationToken stop)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, $"{user}/stream");
        if (after is not null) request.Headers.Add("Last-Event-ID", after);
        return _clients[door].SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stop);
    }

    public static Counts CountsOf(JsonElement counts) =>
        new(counts.GetProperty("unread").GetInt64(), counts.GetProperty("total").GetInt64(), counts.GetProperty("head").GetString(), counts.GetProperty("version").GetInt64());

    public void Dispose()
    {
        foreach (var client in _clients) client.Dispose();
    }

    /// <returns>Null when there is no answer within 7 s (the contract says 5), or 503; empty JSON for an answer without a body.</returns>
    private async Task<JsonDocument?> Send(int door, HttpRequestMessage request, CancellationToken stop, bool mayBeGone = false, HttpStatusCode expected = HttpStatusCode.OK)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
        patience.CancelAfter(TimeSpan.FromSeconds(7));
        try
        {
            using var answer = await _clients[door].SendAsync(request, patience.Token);
            if (answer.StatusCode == HttpStatusCode.ServiceUnavailable) return null;
            var body = await answer.Content.ReadAsByteArrayAsync(patience.Token);
            if (mayBeGone && answer.StatusCode == HttpStatusCode.NotFound) return JsonDocument.Parse("{}"); // replaced by another of its key
            if (!answer.IsSuccessStatusCode && answer.StatusCode != expected)
            {
                _history.Note(new Refused(_history.Now, $"{request.Method} {request.RequestUri}: {(int)answer.StatusCode} {Encoding.UTF8.GetString(body)}"));
                return null;
            }
            return JsonDocument.Parse(body.Length == 0 ? "{}"u8.ToArray() : body);
        }
        catch (Exception e) when (IsWire(e) && !stop.IsCancellationRequested)
        {
            return null;
        }
    }

    /// <summary>SocketException: a connection that is cut in the very moment in which it was made.</summary>
    public static bool IsWire(Exception e) => e is HttpRequestException or IOException or SocketException or OperationCanceledException;

    private static StringContent Json(string json) => new(json, Encoding.UTF8, "application/json");
}
