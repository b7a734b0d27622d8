namespace OrleansInbox.Chaos;

/// <summary>Publishes to a topic that all users are subscribed to, and announces to everybody, each until it is answered.</summary>
internal sealed class Crowd(Api api, History history, string[] users, int seed)
{
    private const string _topic = "crowd";

    public async Task Run(CancellationToken enough, CancellationToken stop)
    {
        await api.Insist(0, door => api.Subscribe(door, _topic, users, stop), stop);
        await Task.WhenAll(
            Run("topic", 2_000, 7_000, (door, title) => api.PublishToTopic(door, _topic, title, stop), enough, stop),
            Run("announcement", 10_000, 25_000, (door, title) => api.Announce(door, title, history.Began.AddHours(12), stop), enough, stop));
    }

    private async Task Run(string kind, int shortest, int longest, Func<int, string, Task<string?>> publish, CancellationToken enough, CancellationToken stop)
    {
        var dice = new Random(seed);
        for (var n = 1; ; n++)
        {
            try
            {
                await Task.Delay(dice.Next(shortest, longest), enough);
            }
            catch (OperationCanceledException) when (!stop.IsCancellationRequested)
            {
                return;
            }
            var title = $"{kind}-{n}";
            await api.Insist(dice.Next(api.Doors), door => publish(door, title), stop);
            history.Note(new ToAll(history.Now, title));
        }
    }
}
