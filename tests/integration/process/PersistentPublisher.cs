using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace OrleansInbox.Tests.Processes;

/// <summary>Publishes its notifications one after the other, and each with the same key until it is acknowledged, whatever becomes of the server.</summary>
internal sealed class PersistentPublisher(string user, string name, int count)
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(90);

    public string User => user;

    /// <summary>Key → the id that was acknowledged for it.</summary>
    public ConcurrentDictionary<string, string> Acknowledged { get; } = new();

    /// <summary>Answers that came from an earlier try of the same key.</summary>
    public int Replayed { get; private set; }

    /// <param name="server">The server of the moment; completes anew after each restart.</param>
    /// <param name="acknowledged">Told of each.</param>
    public async Task Run(Func<Task<HttpClient>> server, Action acknowledged)
    {
        for (var index = 0; index < count; index++)
        {
            await Publish($"{name}-{index}", server);
            acknowledged();
        }
    }

    private async Task Publish(string key, Func<Task<HttpClient>> server)
    {
        using var patience = new CancellationTokenSource(_patience);
        while (true)
        {
            patience.Token.ThrowIfCancellationRequested();
            var http = await server().WaitAsync(patience.Token);
            try
            {
                using var request = new HttpRequestMessage(HttpMethod.Post, $"v1/users/{user}/notifications");
                request.Headers.Add("Idempotency-Key", key);
                request.Content = JsonContent.Create(new { type = "test.kill", title = key });
                using var response = await http.SendAsync(request, patience.Token);
                if (response.StatusCode == HttpStatusCode.ServiceUnavailable) continue;
                response.EnsureSuccessStatusCode();
                using var answer = await response.Content.ReadFromJsonAsync<JsonDocument>(patience.Token);
                Acknowledged[key] = answer!.RootElement.GetProperty("id").GetString()!;
                if (response.StatusCode == HttpStatusCode.OK) Replayed++;
                return;
            }
            catch (Exception e) when (e is HttpRequestException { StatusCode: null } or IOException)
            {
                await Task.Yield(); // it died under us; the next one is waited for above
            }
        }
    }
}
