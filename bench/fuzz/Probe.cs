using System.Net.Http.Json;
using System.Text.Json;

namespace OrleansInbox.Fuzz;

/// <summary>Valid requests among all that are not: what they promise holds.</summary>
internal sealed class Probe : IDisposable
{
    private const string User = "users/probe", Other = "users/probe-2", Topic = "topics/probe";

    /// <summary>What is announced meanwhile has another one.</summary>
    private const string Type = "fuzz.probe";

    private static readonly string[] _users = [User, Other], _added = ["probe-2", "probe-3"];
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
            return await Notification(title, stop) ?? await Scheduled(title, stop) ?? await Preferences(stop) ??
                await Batch(title + " batch", stop) ?? await Subscribers(title + " topic", stop) ?? await Announcement(title + " all", stop);
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
        var (_, created) = await Send(201, HttpMethod.Post, User + "/notifications", new { type = Type, title, actions = new[] { new { id = "yes", label = "Yes" } }, receipt = true, fallback = new { after = 60, unless = "read" } }, stop);
        var id = created.GetProperty("id").GetString()!;
        if (await Listed(User + "/notifications?limit=100", "id", title, stop) is var found && found != id) return $"{title} was published as {id}, and is listed as [{found}]";
        var (_, marked) = await Send(200, HttpMethod.Post, User + "/notifications/read", new { ids = new[] { id } }, stop);
        if (await Unread(stop) is > 0 and var unread) return $"all probes are read, and {unread} are counted as unread";
        await Send(200, HttpMethod.Post, User + "/notifications/undo", new { undo = marked.GetProperty("undo").GetString() }, stop);
        if (await Unread(stop) is not 1 and var undone) return $"a mark was taken back, and {undone} are counted as unread";
        var (_, acted) = await Send(200, HttpMethod.Post, $"{User}/notifications/{id}/actions/yes", null, stop);
        if (!acted.GetProperty("read").GetBoolean() || acted.GetProperty("acted").GetProperty("action").GetString() != "yes") return $"an action was chosen, and the notification is {acted}";
        await Send(200, HttpMethod.Post, User + "/notifications/snooze", new { ids = new[] { id }, until = DateTimeOffset.UtcNow.AddHours(1) }, stop);
        if (await Listed(User + "/snoozed", "id", title, stop) is var snoozed && snoozed != id) return $"{id} was snoozed, and [{snoozed}] is";
        await Send(200, HttpMethod.Post, User + "/unsnooze", new { ids = new[] { id } }, stop);
        if (await Listed(User + "/notifications?limit=100&q=probe", "snoozedFrom", title, stop) is var from && from != id) return $"{id} came back, and [{from}] is what it was snoozed from";
        if (await Unread(stop) is not 1 and var back) return $"one came back, and {back} are counted as unread";
        await Send(200, HttpMethod.Post, User + "/notifications/read", new { all = true }, stop);
        return await Unread(stop) is > 0 and var left ? $"all are read, and {left} are counted as unread" : null;
    }

    /// <summary>It is listed, and cancelled it is not.</summary>
    private async Task<string?> Scheduled(string title, CancellationToken stop)
    {
        var (_, scheduled) = await Send(202, HttpMethod.Post, User + "/notifications", new { type = Type, title, deliverAt = DateTimeOffset.UtcNow.AddHours(1), mandatory = true }, stop);
        var name = scheduled.GetProperty("scheduled").GetString();
        if (await Listed(User + "/scheduled", "scheduled", title, stop) is var found && found != name) return $"{title} is scheduled as {name}, and is listed as [{found}]";
        for (var again = 0; again < 2; again++) await Send(204, HttpMethod.Delete, $"{User}/scheduled/{name}", null, stop);
        return await Listed(User + "/scheduled", "scheduled", title, stop) is { Length: > 0 } left ? $"{name} was cancelled, and [{left}] is scheduled" : null;
    }

    /// <summary>They are saved by who knows the last ones.</summary>
    private async Task<string?> Preferences(CancellationToken stop)
    {
        var (first, _) = await Send(200, HttpMethod.Get, User + "/preferences", null, stop);
        var (second, saved) = await Send(200, HttpMethod.Put, User + "/preferences", Muted(first!), stop, first);
        await Send(200, HttpMethod.Put, User + "/preferences", Muted(first!), stop, first); // the same again
        await Send(412, HttpMethod.Put, User + "/preferences", Muted("late"), stop, first);
        var (third, read) = await Send(200, HttpMethod.Get, User + "/preferences", null, stop);
        return second == third && saved.GetRawText() == read.GetRawText() ? null : $"preferences were saved as {second} {saved}, and are {third} {read}";

        static object Muted(string group) => new { mute = new { groups = new[] { group } } };
    }

    /// <summary>Each user has it once, under the id that was answered, also when it is repeated.</summary>
    private async Task<string?> Batch(string title, CancellationToken stop)
    {
        var batch = new { users = new[] { "probe", "probe-2" }, notification = new { type = Type, title } };
        foreach (var replayed in (bool[])[false, true])
        {
            var (_, answer) = await Send(200, HttpMethod.Post, "notifications", batch, stop, once: title);
            var results = answer.GetProperty("results");
            foreach (var (user, result) in _users.Zip(results.EnumerateArray()))
            {
                if (result.TryGetProperty("replayed", out _) != replayed || !result.TryGetProperty("id", out var id)) return $"a batch was answered {results}, repeated: {replayed}";
                if (await Listed(user + "/notifications?limit=100", "id", title, stop) is var found && found != id.GetString()) return $"{title} was published in a batch as {id}, and {user} lists it as [{found}]";
                if (replayed) await Send(204, HttpMethod.Delete, $"{user}/notifications/{id.GetString()}", null, stop); // not to be counted by the next probe
            }
        }
        return null;
    }

    /// <summary>Who is subscribed gets it once; its key removes it.</summary>
    private async Task<string?> Subscribers(string title, CancellationToken stop)
    {
        await Send(204, HttpMethod.Put, Topic + "/subscribers/probe", null, stop);
        await Send(204, HttpMethod.Post, Topic + "/subscribers", new { add = _added }, stop);
        await Send(204, HttpMethod.Delete, Topic + "/subscribers/probe-3", null, stop);
        if (await Texts(Topic + "/subscribers", "users", stop) is var users && users != "probe, probe-2") return $"probe and probe-2 are subscribed, and [{users}] are listed";
        if (await Texts(User + "/topics", "topics", stop) is var topics && topics != "probe") return $"probe is subscribed to a topic, and has the topics [{topics}]";

        var publish = new { type = Type, title, key = "topic", except = new[] { "probe-2" } };
        var (_, first) = await Send(202, HttpMethod.Post, Topic + "/notifications", publish, stop, once: title);
        var (_, again) = await Send(202, HttpMethod.Post, Topic + "/notifications", publish, stop, once: title);
        if (first.GetRawText() != again.GetRawText()) return $"a publish to a topic was answered {first}, and repeated {again}";
        if (await Done(first, stop) is var published && published is not (1, 0, 0)) return $"a publish to one was done with reached, muted and failed {published}";
        if (await Listed(User + "/notifications?limit=100", "key", title, stop) is var found && found != "topic") return $"{title} was published to a topic, and is listed with the keys [{found}]";
        if (await Listed(Other + "/notifications?limit=100", "key", title, stop) is { Length: > 0 } excepted) return $"{title} was published to a topic except probe-2, who has it: [{excepted}]";
        var (_, removal) = await Send(202, HttpMethod.Delete, Topic + "/keys/topic", null, stop);
        if (await Done(removal, stop) is { Failed: > 0 } failed) return $"a removal was done with {failed}";
        return await Listed(User + "/notifications?limit=100", "key", title, stop) is { Length: > 0 } left ? $"{title} was removed from a topic's inboxes, and is listed: [{left}]" : null;
    }

    /// <summary>An inbox that nobody looked at before has it at once. In the end all are retracted, for as many as may be open would be there soon.</summary>
    private async Task<string?> Announcement(string title, CancellationToken stop)
    {
        var newcomer = "users/" + Uri.EscapeDataString(title);
        var announcement = new { notification = new { type = "fuzz.announced", title }, expiresAt = DateTimeOffset.UtcNow.AddHours(1) };
        var (_, created) = await Send(201, HttpMethod.Post, "announcements", announcement, stop, once: title);
        var id = created.GetProperty("id").GetString()!;
        var (_, again) = await Send(200, HttpMethod.Post, "announcements", announcement, stop, once: title);
        if (again.GetProperty("id").GetString() != id) return $"{title} was announced as {id}, and repeated as {again}";
        if (await Listed(newcomer + "/notifications?limit=100", "type", title, stop) is var found && found != "fuzz.announced") return $"{title} was announced, and a newcomer's inbox has [{found}]";
        await Send(204, HttpMethod.Delete, newcomer, null, stop);

        await Send(200, HttpMethod.Get, "announcements/" + id, null, stop);
        if (await Ids(stop) is var open && !open.Contains(id)) return $"{title} was announced as {id}, and is not among {string.Join(", ", open)}";
        foreach (var one in open) await Send(204, HttpMethod.Delete, "announcements/" + one, null, stop);
        await Send(404, HttpMethod.Get, "announcements/" + id, null, stop);
        return (await Ids(stop)).Intersect(open).FirstOrDefault() is { } left ? $"the announcement {left} was retracted, and is listed" : null;
    }

    private async Task<string[]> Ids(CancellationToken stop) =>
        [.. (await Send(200, HttpMethod.Get, "announcements", null, stop)).Body.GetProperty("items").EnumerateArray().Select(one => one.GetProperty("id").GetString()!)];

    /// <returns>The counts of a job once it is done: its stream ends then.</returns>
    private async Task<(int Reached, int Muted, int Failed)> Done(JsonElement job, CancellationToken stop)
    {
        var path = $"jobs/{job.GetProperty("job").GetString()}";
        using var stream = await _http.GetAsync($"v1/{path}/stream", stop);
        var (_, state) = await Send(200, HttpMethod.Get, path, null, stop);
        if (state.GetProperty("state").GetString() != "done") throw new HttpRequestException($"the stream of {path} has ended, and it is {state}");
        return (state.GetProperty("reached").GetInt32(), state.GetProperty("muted").GetInt32(), state.GetProperty("failed").GetInt32());
    }

    /// <returns>The texts of the answer's list, separated by commas.</returns>
    private async Task<string> Texts(string path, string member, CancellationToken stop) =>
        string.Join(", ", (await Send(200, HttpMethod.Get, path, null, stop)).Body.GetProperty(member).EnumerateArray().Select(one => one.GetString()));

    /// <returns>The answer's ETag, and its body when it has one.</returns>
    private async Task<(string? ETag, JsonElement Body)> Send(int expected, HttpMethod method, string path, object? body, CancellationToken stop, string? ifMatch = null, string? once = null)
    {
        using var request = new HttpRequestMessage(method, "v1/" + path) { Content = body is null ? null : JsonContent.Create(body) };
        if (ifMatch is not null) request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        if (once is not null) request.Headers.Add("Idempotency-Key", once);
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

    private async Task<int> Unread(CancellationToken stop) => (await Send(200, HttpMethod.Get, $"{User}/counts?type={Type}", null, stop)).Body.GetProperty("unread").GetInt32();

}
