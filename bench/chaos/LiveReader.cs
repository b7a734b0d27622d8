using System.Text.Json;

namespace OrleansInbox.Chaos;

/// <summary>A user's page that stays open: it reconnects with the id of what it saw last, and holds the counts that it was told last.</summary>
/// <param name="home">The front-end that it goes to; another one after a failure.</param>
/// <param name="restless">It leaves at random, and comes back anywhere.</param>
internal sealed class LiveReader(string name, string user, int home, bool restless, Api api, History history, int seed)
{
    /// <summary>Heartbeats come every 2 s: after this silence nobody is there.</summary>
    private static readonly TimeSpan _silence = TimeSpan.FromSeconds(6);

    private readonly Random _dice = new(seed);
    private string? _last;

    public string User => user;
    public Counts? View { get; private set; }
    public string Name => name;

    public async Task Run(CancellationToken settled, CancellationToken stop)
    {
        for (var door = home; !stop.IsCancellationRequested; door = restless ? _dice.Next(api.Doors) : door == home ? (home + 1) % api.Doors : home)
        {
            using var leave = CancellationTokenSource.CreateLinkedTokenSource(stop);
            // When everything has come to rest everybody stays.
            if (restless && !settled.IsCancellationRequested) leave.CancelAfter(_dice.Next(500, 8_000));
            history.Note(new Opened(history.Now, name, user, _last));
            try
            {
                await Read(door, leave.Token);
            }
            catch (Exception e) when (Api.IsWire(e))
            {
                // It comes back.
            }
            if (!stop.IsCancellationRequested) await Task.Delay(_dice.Next(50, 300), CancellationToken.None);
        }
        history.Note(new View(history.Now, name, user, View));
    }

    private async Task Read(int door, CancellationToken leave)
    {
        using var heard = CancellationTokenSource.CreateLinkedTokenSource(leave);
        heard.CancelAfter(_silence);
        using var answer = await api.Stream(door, user, _last, heard.Token);
        if (!answer.IsSuccessStatusCode) return;
        using var lines = new StreamReader(await answer.Content.ReadAsStreamAsync(heard.Token));
        string? kind = null, id = null, data = null;
        while (await lines.ReadLineAsync(heard.Token) is { } line)
        {
            heard.CancelAfter(_silence);
            if (line.StartsWith("event: ", StringComparison.Ordinal)) kind = line[7..];
            else if (line.StartsWith("id: ", StringComparison.Ordinal)) id = line[4..];
            else if (line.StartsWith("data: ", StringComparison.Ordinal)) data = line[6..];
            else if (line.Length == 0)
            {
                if (kind is not null && data is not null) await Take(door, kind, id, data, heard.Token);
                (kind, id, data) = (null, null, null);
            }
        }
    }

    private async Task Take(int door, string kind, string? id, string data, CancellationToken leave)
    {
        using var json = JsonDocument.Parse(data);
        var root = json.RootElement;
        if (kind == "added")
        {
            var item = root.GetProperty("item");
            history.Note(new Delivered(history.Now, name, user, item.GetProperty("id").GetString()!, item.GetProperty("title").GetString()!));
        }
        else
        {
            history.Note(new Seen(history.Now, name, user, kind, id));
        }
        if (id is not null) _last = id;
        var counts = root.TryGetProperty("counts", out var told) ? Api.CountsOf(told) : await api.Counts(door, user, leave);
        if (counts is not null && counts.IsLaterThan(View)) View = counts;
    }
}
