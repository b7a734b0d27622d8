using System.Net;
using System.Text.Json;

namespace OrleansInbox.Chaos;

/// <summary>What the silos call when somebody has not looked; and users of its own, some of whom look. It refuses some calls, which have to come again.</summary>
internal sealed class Endpoint : IDisposable
{
    /// <summary>The shortest that there is.</summary>
    public const int Seconds = 60;

    /// <summary>Where nobody is killed, an event has come by then.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(Seconds + 40);

    /// <summary>Of no secrecy.</summary>
    public const string Secret = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

    private static readonly string[] _users = [.. Enumerable.Range(0, 6).Select(i => $"told-{i}")];

    private readonly HttpListener _listener = new();
    private readonly History _history;
    private readonly Task _listening;

    public Endpoint(int port, History history)
    {
        _history = history;
        _listener.Prefixes.Add($"http://127.0.0.1:{port}/");
        _listener.Start();
        _listening = Listen();
    }

    public static Task Publish(Api api, History history, int seed, CancellationToken enough, CancellationToken stop) =>
        Task.WhenAll(_users.Select((user, i) => Publish(api, history, user, new Random(seed + i), enough, stop)));

    public void Dispose()
    {
        _listener.Close();
        _listening.Wait();
    }

    private static async Task Publish(Api api, History history, string user, Random dice, CancellationToken enough, CancellationToken stop)
    {
        for (var n = 1; ; n++)
        {
            try
            {
                await Task.Delay(dice.Next(1_000, 8_000), enough);
            }
            catch (OperationCanceledException) when (!stop.IsCancellationRequested)
            {
                return;
            }
            var door = dice.Next(api.Doors);
            var id = await api.Insist(door, at => api.PublishToBeTold(at, user, $"{user}-{n}", Seconds, stop), stop);
            history.Note(new ToBeTold(history.Now, user, id));
            if (dice.Next(12) > 0) continue;
            await Task.Delay(dice.Next(5_000), stop);
            await api.Insist(door, at => api.Mark(at, user, "seen", upTo: true, [id], stop), stop);
            history.Note(new SeenUpTo(history.Now, user, id));
        }
    }

    private async Task Listen()
    {
        for (var n = 1; ; n++)
        {
            HttpListenerContext call;
            try
            {
                call = await _listener.GetContextAsync();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }
            try
            {
                using var body = await JsonDocument.ParseAsync(call.Request.InputStream);
                var data = body.RootElement.GetProperty("data");
                _history.Note(new Told((body.RootElement.GetProperty("timestamp").GetDateTimeOffset() - _history.Began).TotalSeconds, data.GetProperty("user").GetString()!, call.Request.Headers["webhook-id"]!,
                    [.. data.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("id").GetString()!)]));
                call.Response.StatusCode = n % 5 == 0 ? 503 : 204; // some come again
                call.Response.Close();
            }
            catch (Exception e) when (e is IOException or JsonException or HttpListenerException)
            {
                call.Response.Abort(); // its silo was killed in the middle of it
            }
        }
    }
}
