using System.Net.Http.Json;
using System.Text.Json;

namespace OrleansInbox.Tests.Processes;

/// <summary>kill -9 in the middle of publishing, and again: nothing that was acknowledged is lost, nothing is doubled.</summary>
public sealed class KillTests
{
    private const int Users = 20;
    private const int PublishersPerUser = 3;
    private const int NotificationsPerPublisher = 65;
    private const int Kills = 2;

    [Fact]
    public async Task Killed_on_SQLite_it_keeps_what_it_acknowledged_once_and_without_holes()
    {
        using var folder = new TemporaryFolder();
        await KillAndCompare(folder.FullName);
    }

    [Fact]
    public async Task Killed_on_Redis_it_keeps_what_it_acknowledged_once_and_without_holes()
    {
        using var folder = new TemporaryFolder();
        await using var redis = await RedisServer.Start();
        await KillAndCompare(folder.FullName, "--ConnectionStrings:Redis", redis.Address);
    }

    private static async Task KillAndCompare(string folder, params string[] arguments)
    {
        var publishers = Enumerable.Range(0, Users * PublishersPerUser)
            .Select(index => new PersistentPublisher($"user-{index % Users}", $"p{index}", NotificationsPerPublisher)).ToList();
        const int Total = Users * PublishersPerUser * NotificationsPerPublisher;
        var reached = Enumerable.Range(1, Kills).Select(_ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).ToList();
        var acknowledged = 0;
        var server = await ServerProcess.Start(folder, arguments);
        var clients = new List<HttpClient> { server.Publisher() };
        var current = Completed(clients[0]);
        try
        {
            var all = Task.WhenAll(publishers.Select(publisher => Task.Run(() => publisher.Run(() => Volatile.Read(ref current).Task, () =>
            {
                var now = Interlocked.Increment(ref acknowledged);
                if (now % (Total / (Kills + 1)) == 0 && now / (Total / (Kills + 1)) is var kill && kill <= Kills) reached[kill - 1].TrySetResult();
            }))));
            foreach (var enough in reached)
            {
                await await Task.WhenAny(enough.Task, all); // a publisher's failure shows here, not as a wait for ever
                var next = new TaskCompletionSource<HttpClient>(TaskCreationOptions.RunContinuationsAsynchronously);
                Volatile.Write(ref current, next); // whoever fails from now on waits for the next server
                await server.Kill();
                server = await ServerProcess.Start(folder, arguments);
                clients.Add(server.Publisher());
                next.SetResult(clients[^1]);
            }
            await all;
            foreach (var user in publishers.GroupBy(publisher => publisher.User))
                await Compare(clients[^1], user.Key, user.SelectMany(publisher => publisher.Acknowledged).ToDictionary());
        }
        finally
        {
            await server.DisposeAsync();
            clients.ForEach(client => client.Dispose());
        }
    }

    private static async Task Compare(HttpClient http, string user, Dictionary<string, string> acknowledged)
    {
        var kept = new List<(string Id, string Key)>();
        string? before = null;
        do
        {
            using var page = await http.GetFromJsonAsync<JsonDocument>($"v1/users/{user}/notifications?limit=100&status=all{(before is null ? "" : $"&before={before}")}");
            kept.AddRange(page!.RootElement.GetProperty("items").EnumerateArray().Select(item => (item.GetProperty("id").GetString()!, item.GetProperty("title").GetString()!)));
            before = page.RootElement.GetProperty("next").GetString();
        }
        while (before is not null);

        Assert.Equal(acknowledged.Count, kept.Count); // no doubles of a retry, none that nobody acknowledged
        Assert.Equal(acknowledged.Order(Comparer<KeyValuePair<string, string>>.Create((a, b) => string.CompareOrdinal(a.Key, b.Key))).Select(pair => (pair.Value, pair.Key)),
            kept.OrderBy(item => item.Key, StringComparer.Ordinal));
        Assert.Equal(Enumerable.Range(1, kept.Count).Reverse().Select(seq => (long)seq), kept.Select(item => Parse(item.Id).Seq)); // newest first, no holes
        Assert.Single(kept.Select(item => Parse(item.Id).Epoch).Distinct());

        using var counts = await http.GetFromJsonAsync<JsonDocument>($"v1/users/{user}/counts");
        Assert.Equal(kept.Count, counts!.RootElement.GetProperty("unread").GetInt32());
        Assert.Equal(kept[0].Id, counts.RootElement.GetProperty("head").GetString());
    }

    private static NotificationId Parse(string text) => NotificationId.TryParse(text, out var id) ? id : throw new FormatException(text);

    private static TaskCompletionSource<HttpClient> Completed(HttpClient client)
    {
        var source = new TaskCompletionSource<HttpClient>();
        source.SetResult(client);
        return source;
    }
}
