using System.Collections.Concurrent;

namespace OrleansInbox.Chaos;

/// <summary>One run: a quiet time, the nemesis, rest, and what everybody holds at the end.</summary>
internal sealed class Run(ChaosOptions options, History history, TextWriter progress)
{
    private static readonly TimeSpan _rest = TimeSpan.FromSeconds(60);
    private readonly ConcurrentDictionary<string, ConcurrentQueue<string>> _known = new();

    public double QuietFrom { get; private set; }
    public double QuietUntil { get; private set; }
    public int Kills { get; private set; }

    public async Task Go(CancellationToken stop)
    {
        await using var house = await ChaosCluster.Build(options, stop);
        progress.WriteLine($"{options.Silos} silos, {options.FrontEnds} front-ends; logs in {options.Folder}");
        using var api = new Api(house, history);
        using var endpoint = new Endpoint(options.Port + 80, history);
        string[] users = [.. Enumerable.Range(0, options.Users).Select(i => $"user-{i}")];
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stop);
        using var settled = CancellationTokenSource.CreateLinkedTokenSource(stop);
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(stop);

        var sleeper = new Sleeper(api, history, users, options.Seed);
        var readers = Readers(api, users).ToList();
        var reading = readers.Select(r => r.Run(settled.Token, over.Token)).ToList();
        var working = Enumerable.Range(0, options.Publishers).Select(i => new Publisher(i, api, history, users, (double)options.Rate / options.Publishers, _known).Run(enough.Token, stop))
            .Append(new Marker(api, history, users, _known, options.Seed).Run(enough.Token, stop)).Append(sleeper.Run(enough.Token, stop)).Append(new Crowd(api, history, users, options.Seed).Run(enough.Token, stop)).Append(Endpoint.Publish(api, history, options.Seed, enough.Token, stop)).ToList();

        await Task.Delay(TimeSpan.FromSeconds(10), stop); // compilers warm up
        QuietFrom = history.Now;
        await Task.Delay(TimeSpan.FromSeconds(options.Quiet), stop);
        QuietUntil = history.Now;
        var nemesis = new Nemesis(house, history);
        using var time = CancellationTokenSource.CreateLinkedTokenSource(stop);
        time.CancelAfter(TimeSpan.FromMinutes(options.Minutes));
        var striking = nemesis.Run(time.Token, stop);
        while (!striking.IsCompleted)
        {
            progress.WriteLine($"{history.Now:0} s: {nemesis.Kills} kills, {_known.Values.Sum(ids => ids.Count)} acknowledged");
            await Task.WhenAny(striking, Task.Delay(15_000, stop));
        }
        await striking;
        Kills = nemesis.Kills;

        await Task.Delay(2_000, stop);
        await enough.CancelAsync();
        await Task.WhenAll(working);
        await sleeper.WakeAll(stop);
        progress.WriteLine($"{history.Now:0} s: waits for what is due");
        await Task.Delay(Endpoint.Patience, stop);
        await settled.CancelAsync();
        await Settle(api, users, readers, stop);
        await over.CancelAsync();
        await Task.WhenAll(reading);
        using var log = new LogOfRedis(house.RedisPorts);
        foreach (var user in users) history.Note(new Stored(history.Now, user, log.Read(user)));
    }

    private IEnumerable<LiveReader> Readers(Api api, string[] users)
    {
        for (var door = 0; door < options.FrontEnds; door++)
            foreach (var user in users) yield return new LiveReader($"live-{door}-{user}", user, door, restless: false, api, history, options.Seed);
        for (var i = 0; i < options.Restless; i++)
            yield return new LiveReader($"restless-{i}", users[i % users.Length], i % options.FrontEnds, restless: true, api, history, options.Seed + i);
    }

    /// <summary>Reads every inbox, and gives every reader time to hold what it shows.</summary>
    private async Task Settle(Api api, string[] users, List<LiveReader> readers, CancellationToken stop)
    {
        var finals = new Dictionary<string, Final>();
        foreach (var user in users)
        {
            var final = await Final(api, user, stop);
            finals[user] = final;
            history.Note(final);
        }
        var began = history.Now;
        while (history.Now - began < _rest.TotalSeconds && readers.Any(r => r.View != finals[r.User].Counts)) await Task.Delay(200, stop);
        progress.WriteLine($"everybody holds the end after {history.Now - began:0.0} s");
    }

    private async Task<Final> Final(Api api, string user, CancellationToken stop)
    {
        var entries = new List<Entry>();
        for (string? before = null; ;)
        {
            if (await api.Page(0, user, before, stop) is not { } page)
            {
                await Task.Delay(200, stop);
                continue;
            }
            entries.AddRange(page.Entries);
            if (page.Next is null) return new Final(history.Now, user, [.. entries], page.Counts);
            before = page.Next;
        }
    }
}
