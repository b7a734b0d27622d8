namespace OrleansInbox.Chaos;

/// <summary>Schedules and cancels, snoozes and ends that, each until it is answered. Nobody else touches these notifications.</summary>
internal sealed class Sleeper(Api api, History history, string[] users, int seed)
{
    private readonly List<(string User, string Id)> _snoozed = [];

    public Task Run(CancellationToken enough, CancellationToken stop) => Task.WhenAll(users.Select((user, i) => Run(user, i, new Random(seed + i), enough, stop)));

    /// <summary>What is still snoozed comes back, so that all is there.</summary>
    public async Task WakeAll(CancellationToken stop)
    {
        foreach (var (user, id) in _snoozed) await Insist(0, door => api.Unsnooze(door, user, id, stop), stop);
    }

    private async Task Run(string user, int number, Random dice, CancellationToken enough, CancellationToken stop)
    {
        for (var n = 1; ; n++)
        {
            try
            {
                await Task.Delay(dice.Next(1_000, 5_000), enough);
            }
            catch (OperationCanceledException) when (!stop.IsCancellationRequested)
            {
                return;
            }
            var door = dice.Next(api.Doors);
            if (dice.Next(3) == 0) await Snooze(user, $"snoozed-{number}-{n}", door, dice, stop);
            else await Schedule(user, $"later-{number}-{n}", door, dice, stop);
        }
    }

    private async Task Schedule(string user, string title, int door, Random dice, CancellationToken stop)
    {
        var due = DateTimeOffset.UtcNow.AddSeconds(0.5 + 4 * dice.NextDouble());
        var name = await api.Insist(door, at => api.Schedule(at, user, title, due, stop), stop);
        history.Note(new Scheduled(history.Now, user, title));
        if (dice.Next(3) > 0 || name.Length == 0) return;
        await Task.Delay(dice.Next(6_000), stop); // about when it comes
        var id = await api.Insist(door, at => api.Cancel(at, user, name, stop), stop);
        history.Note(id.Length == 0 ? new Cancelled(history.Now, user, title) : new Came(history.Now, user, title, id));
    }

    private async Task Snooze(string user, string title, int door, Random dice, CancellationToken stop)
    {
        var id = await api.Insist(door, at => api.Publish(at, user, title, title, null, stop), stop);
        await Insist(door, at => api.Snooze(at, user, id, stop), stop);
        history.Note(new Snoozed(history.Now, user, title, id));
        if (dice.Next(2) == 0)
        {
            await Task.Delay(dice.Next(3_000), stop);
            await Insist(door, at => api.Unsnooze(at, user, id, stop), stop);
        }
        lock (_snoozed) _snoozed.Add((user, id));
    }

    private Task<string> Insist(int door, Func<int, Task<bool>> ask, CancellationToken stop) => api.Insist(door, async at => await ask(at) ? "" : null, stop);
}
