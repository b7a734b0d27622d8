using System.Net.Http.Json;
using System.Text.Json;

namespace OrleansInbox.Fuzz;

/// <summary>Valid requests among all that are not: what they promise holds.</summary>
internal sealed class Probe : IDisposable
{
    private const string User = "v1/users/probe";
    private readonly HttpClient _http;

    public Probe(Uri server, string apiKey)
    {
        _http = new() { BaseAddress = server, Timeout = TimeSpan.FromSeconds(20) };
        _http.DefaultRequestHeaders.Authorization = new("ApiKey", apiKey);
    }

    /// <returns>What is wrong; null when nothing is.</returns>
    public async Task<string?> Ask(string title, CancellationToken stop)
    {
        try
        {
            return await Notification(title, stop) ?? await Scheduled(title, stop) ?? await Preferences(stop);
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException or JsonException or KeyNotFoundException || (failure is OperationCanceledException && !stop.IsCancellationRequested))
        {
            return $"a valid request failed: {failure.Message}";
        }
    }

    public void Dispose() => _http.Dispose();

    /// <summary>It is listed once, under the id that was answered; it can be marked, acted on and snoozed, and is back after that.</summary>
    private async Task<string?> Notification(string title, CancellationToken stop)
    {
        var (_, created) = await Send(201, HttpMethod.Post, "/notifications", new { type = "fuzz.probe", title, actions = new[] { new { id = "yes", label = "Yes" } }, receipt = true, fallback = new { after = 60, unless = "read" } }, stop);
        var id = created.GetProperty("id").GetString()!;
        if (await Listed("/notifications?limit=100", "id", title, stop) is var found && found != id) return $"{title} was published as {id}, and is listed as [{found}]";
        var (_, marked) = await Send(200, HttpMethod.Post, "/notifications/read", new { ids = new[] { id } }, stop);
        if (Unread(marked) is > 0 and var unread) return $"all probes are read, and {unread} are counted as unread";
        var (_, undone) = await Send(200, HttpMethod.Post, "/notifications/undo", new { undo = marked.GetProperty("undo").GetString() }, stop);
        if (Unread(undone) != 1) return $"a mark was taken back, and {Unread(undone)} are counted as unread";
        var (_, acted) = await Send(200, HttpMethod.Post, $"/notifications/{id}/actions/yes", null, stop);
        if (!acted.GetProperty("read").GetBoolean() || acted.GetProperty("acted").GetProperty("action").GetString() != "yes") return $"an action was chosen, and the notification is {acted}";
        await Send(200, HttpMethod.Post, "/notifications/snooze", new { ids = new[] { id }, until = DateTimeOffset.UtcNow.AddHours(1) }, stop);
        if (await Listed("/snoozed", "id", title, stop) is var snoozed && snoozed != id) return $"{id} was snoozed, and [{snoozed}] is";
        var (_, back) = await Send(200, HttpMethod.Post, "/unsnooze", new { ids = new[] { id } }, stop);
        if (await Listed("/notifications?limit=100&q=probe", "snoozedFrom", title, stop) is var from && from != id) return $"{id} came back, and [{from}] is what it was snoozed from";
        if (Unread(back) != 1) return $"one came back, and {Unread(back)} are counted as unread";
        var (_, all) = await Send(200, HttpMethod.Post, "/notifications/read", new { all = true }, stop);
        return Unread(all) == 0 ? null : $"all are read, and {Unread(all)} are counted as unread";
    }

    /// <summary>It is listed, and cancelled it is not.</summary>
    private async Task<string?> Scheduled(string title, CancellationToken stop)
    {
        var (_, scheduled) = await Send(202, HttpMethod.Post, "/notifications", new { type = "fuzz.probe", title, deliverAt = DateTimeOffset.UtcNow.AddHours(1), mandatory = true }, stop);
        var name = scheduled.GetProperty("scheduled").GetString();
        if (await Listed("/scheduled", "scheduled", title, stop) is var found && found != name) return $"{title} is scheduled as {name}, and is listed as [{found}]";
        for (var again = 0; again < 2; again++) await Send(204, HttpMethod.Delete, $"/scheduled/{name}", null, stop);
        return await Listed("/scheduled", "scheduled", title, stop) is { Length: > 0 } left ? $"{name} was cancelled, and [{left}] is scheduled" : null;
    }

    /// <summary>They are saved by who knows the last ones.</summary>
    private async Task<string?> Preferences(CancellationToken stop)
    {
        var (first, _) = await Send(200, HttpMethod.Get, "/preferences", null, stop);
        var (second, saved) = await Send(200, HttpMethod.Put, "/preferences", Muted(first!), stop, first);
        await Send(200, HttpMethod.Put, "/preferences", Muted(first!), stop, first); // the same again
        await Send(412, HttpMethod.Put, "/preferences", Muted("late"), stop, first);
        var (third, read) = await Send(200, HttpMethod.Get, "/preferences", null, stop);
        return second == third && saved.GetRawText() == read.GetRawText() ? null : $"preferences were saved as {second} {saved}, and are {third} {read}";

        static object Muted(string group) => new { mute = new { groups = new[] { group } } };
    }

    /// <returns>The answer's ETag, and its body when it has one.</returns>
    private async Task<(string? ETag, JsonElement Body)> Send(int expected, HttpMethod method, string path, object? body, CancellationToken stop, string? ifMatch = null)
    {
        using var request = new HttpRequestMessage(method, User + path) { Content = body is null ? null : JsonContent.Create(body) };
        if (ifMatch is not null) request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        using var response = await _http.SendAsync(request, stop);
        if ((int)response.StatusCode != expected) throw new HttpRequestException($"{method} {path} was answered {(int)response.StatusCode}: {await response.Content.ReadAsStringAsync(stop)}");
        return (response.Headers.ETag?.ToString(), expected == 204 ? default : await response.Content.ReadFromJsonAsync<JsonElement>(stop));
    }

    /// <returns>The member of the items with the title, separated by commas.</returns>
    private async Task<string> Listed(string path, string member, string title, CancellationToken stop)
    {
        var (_, page) = await Send(200, HttpMethod.Get, path, null, stop);
        return string.Join(", ", page.GetProperty("items").EnumerateArray().Where(item => item.GetProperty("title").GetString() == title).Select(item => item.TryGetProperty(member, out var text) ? text.GetString() : "none"));
    }

    private static int Unread(JsonElement counts) => counts.GetProperty("unread").GetInt32();
}
