using System.Text;
using System.Text.Json;
using StackExchange.Redis;

namespace OrleansInbox.Tests;

/// <summary>A publisher that writes to a Redis Stream, as any Redis client does it.</summary>
internal sealed class StreamPublisher(ConnectionMultiplexer redis, string stream) : IAsyncDisposable
{
    public const string Stream = "inbox-in:{default}:0";

    private IDatabase Database => redis.GetDatabase();

    public static async Task<StreamPublisher> Connect(RedisServer redis, string stream = Stream) =>
        new(await ConnectionMultiplexer.ConnectAsync(redis.Address + ",abortConnect=false"), stream);

    /// <returns>The entry's id.</returns>
    public async Task<string> Add(params (string Name, RedisValue Value)[] fields) =>
        (await Database.StreamAddAsync(stream, Array.ConvertAll(fields, field => new NameValueEntry(field.Name, field.Value))))!;

    public Task<string> Add(string user, string title) => Add(("user", user), ("notification", Notification(title)));

    /// <summary>Number <paramref name="from"/> and following, to the users by turns; the title is the number.</summary>
    public Task Add(int from, int count, int users) => Task.WhenAll(Enumerable.Range(from, count).Select(n => Add($"user-{n % users}", $"{n}")));

    public static string Notification(string title) => JsonSerializer.Serialize(new { type = "test", title });

    public Task<long> Length() => Database.StreamLengthAsync(stream);

    /// <summary>As soon as a reader has taken so many that no more than <paramref name="to"/> are left: asked without a pause, for it takes them within milliseconds.</summary>
    public async Task Falls(long to)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (await Length() > to) patience.Token.ThrowIfCancellationRequested();
    }

    public Task Drained() => Eventually.Is(async () =>
    {
        try
        {
            return await Length() == 0;
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            return false; // Redis is away
        }
    }, "the stream to be empty");

    /// <summary>Entries that a reader was given and has not acknowledged.</summary>
    public async Task<int> Pending() => (await Database.StreamPendingAsync(stream, "inbox")).PendingMessageCount;

    /// <returns>The fields of each refused entry, in their order, as text.</returns>
    public async Task<List<List<(string Name, string Value)>>> Refused() =>
        [.. (await Database.StreamRangeAsync(stream + ":refused")).Select(entry => entry.Values.Select(field => ((string)field.Name!, Encoding.Latin1.GetString((byte[])field.Value!))).ToList())];

    /// <returns>The titles of an inbox, oldest first.</returns>
    public static async Task<List<string>> Titles(IInboxGrain inbox)
    {
        var titles = new List<string>();
        NotificationId? before = null;
        do
        {
            var page = await inbox.List(new ListQuery { Limit = ListQuery.MaxLimit, Status = StatusFilter.All, Before = before });
            using var json = JsonDocument.Parse(page.Json);
            titles.AddRange(json.RootElement.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("title").GetString()!));
            before = page.Next;
        }
        while (before is not null);
        titles.Reverse();
        return titles;
    }

    /// <summary>Numbers 0 to <paramref name="count"/> are in the inboxes of <paramref name="users"/>: each once, and in order for each user.</summary>
    public static async Task AssertOnceAndInOrder(Func<string, IInboxGrain> inbox, int count, int users)
    {
        for (var user = 0; user < users; user++)
            Assert.Equal(Enumerable.Range(0, count).Where(n => n % users == user).Select(n => $"{n}"), await Titles(inbox($"user-{user}")));
    }

    public ValueTask DisposeAsync() => redis.DisposeAsync();
}
