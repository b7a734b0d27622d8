using System.Net.Http.Json;
using System.Text.Json;

namespace OrleansInbox.Fuzz;

/// <summary>A valid publish among all that is not: it is listed once, under the id that was answered, and can be marked.</summary>
internal sealed class Probe : IDisposable
{
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
            using var created = await _http.PostAsJsonAsync("v1/users/probe/notifications", new { type = "fuzz.probe", title }, stop);
            if ((int)created.StatusCode != 201) return $"a valid publish was answered {(int)created.StatusCode}";
            var id = (await created.Content.ReadFromJsonAsync<JsonElement>(stop)).GetProperty("id").GetString();
            var page = await _http.GetFromJsonAsync<JsonElement>("v1/users/probe/notifications?limit=100", stop);
            var found = page.GetProperty("items").EnumerateArray().Where(item => item.GetProperty("title").GetString() == title).Select(item => item.GetProperty("id").GetString()).ToList();
            if (found.Count != 1 || found[0] != id) return $"{title} was published as {id}, and is listed as [{string.Join(", ", found)}]";
            using var marked = await _http.PostAsJsonAsync("v1/users/probe/notifications/read", new { ids = new[] { id } }, stop);
            var unread = (await marked.Content.ReadFromJsonAsync<JsonElement>(stop)).GetProperty("unread").GetInt32();
            return unread == 0 ? null : $"all probes are read, and {unread} are counted as unread";
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException or JsonException || (failure is OperationCanceledException && !stop.IsCancellationRequested))
        {
            return $"a valid request failed: {failure.Message}";
        }
    }

    public void Dispose() => _http.Dispose();
}
