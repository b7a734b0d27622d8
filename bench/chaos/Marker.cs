using System.Collections.Concurrent;

namespace OrleansInbox.Chaos;

/// <summary>Marks what was published, one mark after the other for each user and each until it is answered.</summary>
internal sealed class Marker(Api api, History history, string[] users, ConcurrentDictionary<string, ConcurrentQueue<string>> known, int seed)
{
    private static readonly string[] _actions = ["read", "read", "read", "unread", "archive", "unarchive", "delete", "yes", "no"];

    public Task Run(CancellationToken enough, CancellationToken stop) => Task.WhenAll(users.Select((user, i) => Run(user, new Random(seed + i), enough, stop)));

    private async Task Run(string user, Random dice, CancellationToken enough, CancellationToken stop)
    {
        var deleted = new HashSet<string>();
        var choices = new Dictionary<string, string>();
        try
        {
            while (true)
            {
                await Task.Delay(dice.Next(500, 3_000), enough);
                if (!known.TryGetValue(user, out var ids) || ids.IsEmpty) continue;
                string[] there = [.. ids.TakeLast(200).Where(id => !deleted.Contains(id))];
                if (there.Length == 0) continue;
                var action = _actions[dice.Next(_actions.Length)];
                var upTo = action is "read" or "archive" && dice.Next(6) == 0;
                string[] chosen = [.. Enumerable.Range(0, upTo || action is "delete" or "yes" or "no" ? 1 : dice.Next(1, 4)).Select(_ => there[dice.Next(there.Length)]).Distinct()];
                if (action == "delete") deleted.Add(chosen[0]);
                if (action is "yes" or "no" && !choices.TryAdd(chosen[0], action)) action = choices[chosen[0]]; // another one would be refused
                var door = dice.Next(api.Doors);
                var undo = await api.Mark(door, user, action, upTo, chosen, stop);
                // A mark whose answer was lost may have been made: asked again it changes nothing, and its undo does not either.
                var takesBack = undo is { Length: > 0 } && dice.Next(4) == 0;
                while (takesBack ? !await api.Undo(door, user, undo!, stop) : (undo ??= await api.Mark(door, user, action, upTo, chosen, stop)) is null)
                {
                    door = (door + 1) % api.Doors;
                    await Task.Delay(100, stop);
                }
                if (takesBack) continue; // as if the mark had never been made
                history.Note(new Marked(history.Now, user, action, upTo, chosen));
            }
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            // Enough was marked.
        }
    }
}
