using System.Collections.Concurrent;

namespace OrleansInbox.Chaos;

/// <summary>
/// Publishes by the clock, never twice at a time to one inbox. Every second notification has an idempotency key and is repeated until it is answered; the others are
/// sent once, and what is not answered may be there or not, but not twice. Some of the former say what they are about, and replace the one before.
/// </summary>
internal sealed class Publisher(int number, Api api, History history, string[] users, double rate, ConcurrentDictionary<string, ConcurrentQueue<string>> known)
{
    private readonly Random _dice = new(number);
    private readonly ConcurrentDictionary<string, bool> _busy = new();
    private readonly ConcurrentDictionary<int, Task> _underWay = new();
    private int _sent;

    public async Task Run(CancellationToken enough, CancellationToken stop)
    {
        using var clock = new PeriodicTimer(TimeSpan.FromSeconds(1 / rate));
        try
        {
            while (await clock.WaitForNextTickAsync(enough)) Start(stop);
        }
        catch (OperationCanceledException)
        {
            // Enough was published; what is under way is waited for.
        }
        await Task.WhenAll(_underWay.Values);
    }

    private void Start(CancellationToken stop)
    {
        var user = users[_dice.Next(users.Length)];
        if (!_busy.TryAdd(user, true)) return;
        var n = ++_sent;
        var task = Publish(user, $"p{number}-{n}", withKey: n % 2 == 0, n % 10 == 0 ? $"about-{_dice.Next(3)}" : null, _dice.Next(api.Doors), stop);
        _underWay[n] = task;
        _ = task.ContinueWith(_ => _underWay.TryRemove(n, out Task? _), TaskScheduler.Default);
    }

    private async Task Publish(string user, string title, bool withKey, string? collapseKey, int door, CancellationToken stop)
    {
        try
        {
            var began = history.Now;
            while (true)
            {
                if (await api.Publish(door, user, title, withKey ? title : null, collapseKey, stop) is { } id)
                {
                    history.Note(new Acknowledged(history.Now, began, user, title, id, collapseKey));
                    known.GetOrAdd(user, _ => new()).Enqueue(id);
                    return;
                }
                if (!withKey)
                {
                    history.Note(new Unanswered(history.Now, user, title));
                    return;
                }
                door = (door + 1) % api.Doors;
                await Task.Delay(100, stop);
            }
        }
        finally
        {
            _busy.TryRemove(user, out _);
        }
    }
}
