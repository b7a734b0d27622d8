using System.Text.Json;

namespace OrleansInbox.Bench;

/// <summary>Inboxes that keep exactly <c>--entries</c> notifications. They are counted by walking the pages, so a server that trims them, or pages that repeat or skip, are found before anything is measured.</summary>
internal sealed class Inboxes(Target target, Options options, Action<string> progress)
{
    private const int WalkLimit = 100;

    /// <summary>How many entries are newer than the deep page: nine tenths, but a full page is left where there is one.</summary>
    private int DeepPlace => Math.Max(1, Math.Min((int)(options.Entries * 0.9), options.Entries - options.Limit));

    // Their own names per size: another run with the same size finds them filled.
    public string[] Users { get; } = [.. Enumerable.Range(0, options.Users).Select(u => options.User($"l{options.Entries}", u))];

    /// <summary>Per user, the id that <c>before</c> gets for the deep page.</summary>
    public string[] Deep { get; } = new string[options.Users];

    public async Task Fill(CancellationToken stop)
    {
        var missing = new int[Users.Length];
        for (var u = 0; u < Users.Length; u++) missing[u] = options.Entries - await Walk(u, stop);
        var turns = Turns(missing);
        if (turns.Count > 0)
        {
            progress($"{target.Name}: publishing {turns.Count} entries into {Users.Length} inboxes");
            await Publish(turns, stop);
        }
        for (var u = 0; u < Users.Length; u++)
        {
            var kept = await Walk(u, stop);
            if (kept != options.Entries) throw new ProtocolException($"inbox keeps {kept} entries instead of {options.Entries}");
        }
    }

    /// <summary>The users to publish to, one after the other: taking turns, so that no inbox is the only busy one.</summary>
    private static List<int> Turns(int[] missing)
    {
        var turns = new List<int>();
        for (var row = 0; row < missing.Max(); row++)
            for (var u = 0; u < missing.Length; u++)
                if (row < missing[u]) turns.Add(u);
        return turns;
    }

    private async Task Publish(List<int> turns, CancellationToken stop)
    {
        var requests = Users.Select((user, u) => Requests.Publish(target, user, u, Requests.Mark(0, u))).ToArray();
        var sent = -1;
        await Task.WhenAll(Enumerable.Range(0, options.Connections).Select(_ => Task.Run(async () =>
        {
            using var connection = await HttpConnection.Open(target, options.Timeout);
            for (int n; (n = Interlocked.Increment(ref sent)) < turns.Count;)
            {
                stop.ThrowIfCancellationRequested();
                var status = await connection.Exchange(requests[turns[n]]).AsTask().WaitAsync(TimeLimit, stop);
                if (status is < 200 or > 299) throw new ProtocolException($"status {status} while filling");
            }
        }, stop)));
    }

    /// <returns>The number of entries that the pages show; notes where the deep page begins.</returns>
    private async Task<int> Walk(int user, CancellationToken stop)
    {
        using var connection = await HttpConnection.Open(target, options.Timeout);
        var ids = new HashSet<string>();
        for (string? before = null; ;)
        {
            var (status, body) = await connection.Ask(Requests.List(target, Users[user], WalkLimit, before)).WaitAsync(TimeLimit, stop);
            if (status == 404) return 0; // an inbox that nothing was published to, for servers that tell
            if (status != 200) throw new ProtocolException($"status {status} for a page");
            var page = Ids(body);
            foreach (var id in page)
            {
                if (!ids.Add(id)) throw new ProtocolException("pages repeat an entry");
                if (ids.Count == DeepPlace) Deep[user] = id;
                before = id;
            }
            if (page.Count < WalkLimit) return ids.Count;
        }
    }

    private TimeSpan TimeLimit => options.Timeout * 3;

    private static List<string> Ids(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            return [.. json.RootElement.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("id").ToString())];
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new ProtocolException("a page is not {\"items\":[{\"id\":…}]}");
        }
    }
}
