using System.Globalization;
using System.Text.Json.Nodes;
using OrleansInbox.Backups;
using OrleansInbox.Tests.Deployment;

namespace OrleansInbox.Tests.ClientApi;

/// <summary>Some hundred inboxes of all kinds, backed up while others publish, and restored into the other storage: every answer is as it was.</summary>
public sealed class BackupTests : IAsyncLifetime
{
    /// <summary>Of all that are asked for, or else of some of these, the answers are compared.</summary>
    private static readonly int? _asked = int.TryParse(Environment.GetEnvironmentVariable("INBOX_BACKUP_INBOXES"), out var asked) ? asked : null;
    private static readonly int _users = _asked ?? 210;

    private static readonly string[] _reads = ["notifications?status=all&limit=100", "notifications", "notifications?status=unread", "notifications?status=archived", "notifications?type=b&status=all", "counts", "scheduled", "snoozed"];

    private readonly DirectoryInfo _sqlite = Directory.CreateTempSubdirectory("inbox-backup-");
    private readonly Dictionary<string, List<string>> _answers = [];
    private RedisServer _redis = null!;
    private ApiServer _server = null!;
    private HttpClient _publisher = null!;

    private string File => Path.Combine(_sqlite.FullName, "inboxes.ndjson.gz");

    public async Task InitializeAsync() => _redis = await RedisServer.Start();

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        await _redis.DisposeAsync();
        _sqlite.Delete(recursive: true);
    }

    [Theory]
    [InlineData(null, "redis")]
    [InlineData("redis", null)]
    public async Task What_one_storage_held_the_other_one_answers(string? from, string? to)
    {
        await Start(from, "Inbox:SqliteSynchronous=NORMAL");
        await Parallel.ForEachAsync(Enumerable.Range(0, _users), new ParallelOptions { MaxDegreeOfParallelism = 48 }, async (n, _) => await Fill(n));
        var heads = await Remember();
        using var stopped = new CancellationTokenSource();
        var published = PublishUntil(await Publish("busy", null), stopped.Token);
        await BackUp(from);
        await stopped.CancelAsync();
        var all = await published;
        var later = await Publish("user-1", null); // is not in the backup, and its id may not be given again
        await _server.DisposeAsync();

        Assert.Equal(0, await Restore(to));
        await Start(to);
        foreach (var (user, answers) in _answers) Assert.Equal(answers, await Answers(user));
        await Resumes(heads, later);
        var (key, id) = await PublishOnce("user-1", "key-1");
        Assert.Equal((200, heads["user-1"][0]), (key, id)); // replayed
        var scheduled = (await Get("user-1", "scheduled"))["items"]![0]!["scheduled"]!.GetValue<string>();
        Assert.Equal((202, scheduled), await Schedule("user-1", "later-1")); // likewise
        Assert.Equal((201, true), await PublishOnce("user-0", "key-0") is var (status, next) ? (status, Parse(next).Epoch > Parse(_erased!).Epoch) : default);
        var listed = await List("busy");
        Assert.NotEmpty(listed);
        Assert.Equal(all.SkipWhile(id => id != listed[0]).Take(listed.Count), listed); // older ones may have gone by retention
        await _server.DisposeAsync();

        Assert.Equal(0, await Restore(to)); // all are there
        await Start(to);
        Assert.Equal(_answers["user-2"], await Answers("user-2"));
    }

    [Theory]
    [InlineData(null, "redis")]
    [InlineData("redis", null)]
    public async Task Subscriptions_come_back_but_not_of_who_has_left_or_was_forgotten_since(string? from, string? to)
    {
        await Start(from);
        var users = Enumerable.Range(0, 700).Select(i => $"user-{i:000}").ToList();
        await Change("many", $$"""{"add":["{{string.Join("\",\"", users)}}"]}""");
        await Change("a:b", """{"add":["ann","bob","cem ü/"]}""");
        await _publisher.PutAsync("/v1/topics/empty", ApiFixture.Json("""{"open":true}"""));
        await BackUp(from);
        await _publisher.DeleteAsync("/v1/users/ann");
        await Change("a:b", """{"remove":["bob"]}""");
        await _server.DisposeAsync();

        Assert.Equal(0, await Restore(from)); // where it was
        await Start(from);
        Assert.Equal(["cem ü/"], await Subscribers("a:b"));
        await _server.DisposeAsync();

        Assert.Equal(0, await Restore(to, user: "bob"));
        await Start(to);
        Assert.Equal(["bob"], await Subscribers("a:b"));
        Assert.Empty(await Subscribers("many"));
        Assert.False(await IsOpen("empty"));
        await _server.DisposeAsync();

        Assert.Equal(0, await Restore(to)); // neither this storage nor the file knows
        await Start(to);
        Assert.Equal(["ann", "bob", "cem ü/"], await Subscribers("a:b"));
        Assert.Equal(users, await Subscribers("many"));
        Assert.Equal("many", (string)(await Get("user-007", "topics"))["topics"]![0]!);
        Assert.True(await IsOpen("empty"));
    }

    [Theory]
    [InlineData(null, "redis")]
    [InlineData("redis", null)]
    public async Task An_announcement_comes_back_and_into_each_inbox_once(string? from, string? to)
    {
        await Start(from);
        await Announce("first");
        Assert.Equal(["first"], await Titles("ann"));
        await BackUp(from);
        await _server.DisposeAsync();

        Assert.Equal(0, await Restore(to, user: "bob"));
        await Start(to);
        Assert.Empty(await Titles("bob")); // nothing of the tenant
        await _server.DisposeAsync();

        Assert.Equal(0, await Restore(to));
        await Start(to);
        Assert.Equal(["first"], await Titles("ann"));
        Assert.Equal(["first"], await Titles("bob"));
        await Announce("second");
        Assert.Equal(["second", "first"], await Titles("carla"));
        await _server.DisposeAsync();

        Assert.Equal(0, await Restore(to)); // it is there
        await Start(to);
        Assert.Equal(["second", "first"], await Titles("ann"));
    }

    private async Task Announce(string title) => (await _publisher.PostAsync("/v1/announcements",
        ApiFixture.Json($$"""{"notification":{"type":"t","title":"{{title}}"},"expiresAt":"{{DateTimeOffset.UtcNow.AddDays(1):O}}"}"""))).EnsureSuccessStatusCode();

    private async Task<string[]> Titles(string user) => [.. (await Get(user, "notifications"))["items"]!.AsArray().Select(item => (string)item!["title"]!)];

    private async Task Change(string topic, string json) => (await _publisher.PostAsync($"/v1/topics/{topic}/subscribers", ApiFixture.Json(json))).EnsureSuccessStatusCode();

    private async Task<string[]> Subscribers(string topic) =>
        [.. (await ApiFixture.Body(await _publisher.GetAsync($"/v1/topics/{topic}/subscribers?limit=1000")))["users"]!.AsArray().Select(user => (string)user!)];

    private async Task<bool> IsOpen(string topic) => (bool)(await ApiFixture.Body(await _publisher.GetAsync("/v1/topics/" + topic)))["open"]!;

    [Fact]
    public async Task Who_was_forgotten_after_the_backup_does_not_come_back_and_others_do_by_name()
    {
        await Start(null);
        var ids = new Dictionary<string, string>();
        foreach (var user in (string[])["ann", "bob", "cem"]) ids[user] = await Publish(user, null);
        await BackUp(null);
        foreach (var user in (string[])["ann", "bob"]) Assert.Equal(204, (int)(await _publisher.DeleteAsync($"/v1/users/{user}")).StatusCode);
        await _server.DisposeAsync();
        await Assert.ThrowsAsync<StorageUnusableException>(async () => { await using var other = await Blocked(); await Restore(null); });
        Assert.Equal(0, await Restore(null));
        await Start(null);
        Assert.Empty(await List("ann"));
        Assert.Equal([ids["cem"]], await List("cem"));
        await _server.DisposeAsync();

        Assert.Equal(0, await Restore("redis", user: "bob")); // this storage does not know that Bob was forgotten, and neither does the file
        await Start("redis");
        Assert.Equal([ids["bob"]], await List("bob"));
        Assert.Empty(await List("cem"));
        await _server.DisposeAsync();

        System.IO.File.Delete(File);
        await BackUp(null); // this one does
        Assert.Equal(0, await Restore("redis", tenant: "default"));
        await Start("redis");
        Assert.Equal([ids["cem"]], await List("cem"));
    }

    private string? _erased;

    private async Task<ApiServer> Blocked() => await ApiServer.Start(null, settings: $"Inbox:DataPath={_sqlite.FullName}");

    /// <summary>Marks, holes, expiries, keys; the first is erased.</summary>
    private async Task Fill(int n)
    {
        var user = $"user-{n}";
        var ids = new List<string>();
        for (var i = 0; i < 3 + n % 4; i++)
            ids.Add(i == 0 ? (await PublishOnce(user, $"key-{n}")).Id : await Publish(user, i == 1 ? """ "expiresAt":"2100-01-01T00:00:00Z", """ : null));
        if (n % 2 == 0) await Post(user, "read", $$"""{"ids":["{{ids[0]}}"]}""");
        if (n % 3 == 0) await Post(user, "archive", $$"""{"ids":["{{ids[2]}}"]}""");
        if (n % 5 == 0) await Post(user, "delete", $$"""{"ids":["{{ids[1]}}"]}""");
        if (n % 7 == 0) await Post(user, "seen", """{"all":true}""");
        if (n % 4 == 1) Assert.Equal(202, (await Schedule(user, $"later-{n}")).Status);
        if (n % 8 == 1) await Post(user, "snooze", $$"""{"ids":["{{ids[^1]}}"],"until":"{{DateTimeOffset.UtcNow.AddDays(30):O}}"}""");
        if (n != 0) return;
        _erased = ids[0];
        Assert.Equal(204, (int)(await _publisher.DeleteAsync(ApiFixture.Path(user))).StatusCode);
    }

    private async Task<(int Status, string? Name)> Schedule(string user, string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, ApiFixture.Path(user)) { Content = ApiFixture.Json("""{"type":"b","title":"later “é”","key":"k","deliverAt":"2027-06-01T08:00:00Z"}""") };
        request.Headers.Add("Idempotency-Key", key);
        using var response = await _publisher.SendAsync(request);
        return ((int)response.StatusCode, (await ApiFixture.Body(response))["scheduled"]?.GetValue<string>());
    }

    private async Task<Dictionary<string, List<string>>> Remember()
    {
        var ids = new Dictionary<string, List<string>>();
        for (var n = 0; n < _users; n += n < 30 || _asked is not null ? 1 : 15)
        {
            _answers[$"user-{n}"] = await Answers($"user-{n}");
            ids[$"user-{n}"] = await List($"user-{n}");
        }
        return ids;
    }

    /// <summary>A client that had seen what the backup has goes on; one that had seen more is told; no id is given twice.</summary>
    private async Task Resumes(Dictionary<string, List<string>> heads, string later)
    {
        using (var known = await EventReader.Open(_publisher, ApiFixture.Path("user-2", "stream"), heads["user-2"][^1])) Assert.True(await Resumed(known));
        var etag = (await Get("user-2", "counts"))["version"]!.GetValue<long>();
        Assert.True(etag > 100_000, "A version that was lost would come again.");

        var next = await Publish("user-1", null);
        Assert.True(Parse(next) > Parse(later), $"{next} is not above {later}, which was lost.");
        using var lost = await EventReader.Open(_publisher, ApiFixture.Path("user-1", "stream"), later);
        var (name, data) = (await lost.Next())!.Value;
        Assert.Equal(("added", next), (name, data.GetProperty("item").GetProperty("id").GetString()));
        Assert.False(await Resumed(lost));
        using var early = await EventReader.Open(_publisher, ApiFixture.Path("user-3", "stream"), new NotificationId(Parse(heads["user-3"][^1]).Epoch, Parse(heads["user-3"][^1]).Seq + 3).ToString());
        Assert.False(await Resumed(early)); // before anything is published
        Assert.Equal(Parse(heads["user-3"][^1]).Epoch, Parse(await Publish("user-3", null)).Epoch);
    }

    private static async Task<bool> Resumed(EventReader events)
    {
        var (name, data) = (await events.Next())!.Value;
        Assert.Equal("ready", name);
        return data.GetProperty("resumed").GetBoolean();
    }

    private async Task<List<string>> PublishUntil(string first, CancellationToken stopped)
    {
        List<string> ids = [first];
        do ids.Add(await Publish("busy", null));
        while (!stopped.IsCancellationRequested);
        return ids;
    }

    private async Task BackUp(string? storage) => Assert.Equal(0, await Commands(storage).Backup(File));

    private Task<int> Restore(string? storage, string? tenant = null, string? user = null) => Commands(storage).Restore(File, tenant, user);

    private BackupCommands Commands(string? storage) =>
        new(new() { DataPath = _sqlite.FullName, Backup = new() { Pace = 50 } }, new() { Redis = storage is null ? null : _redis.Address }, TextWriter.Null, isTerminal: false);

    private async Task Start(string? storage, params string[] settings)
    {
        _server = await ApiServer.Start(storage is null ? null : _redis.Address, settings: [$"Inbox:DataPath={_sqlite.FullName}", .. settings]);
        _publisher = _server.Publisher();
    }

    private async Task<List<string>> Answers(string user)
    {
        var answers = new List<string>();
        foreach (var read in _reads)
        {
            var answer = await Get(user, read);
            (answer["counts"] ?? answer).AsObject().Remove("version"); // it goes on far above
            answers.Add(answer.ToJsonString());
        }
        return answers;
    }

    private async Task<JsonNode> Get(string user, string path)
    {
        using var answer = await _publisher.GetAsync(ApiFixture.Path(user, path));
        answer.EnsureSuccessStatusCode();
        return await ApiFixture.Body(answer);
    }

    /// <returns>The oldest first.</returns>
    private async Task<List<string>> List(string user)
    {
        var ids = new List<string>();
        for (var before = ""; ;)
        {
            var page = await Get(user, $"notifications?status=all&limit=100{before}");
            ids.AddRange(page["items"]!.AsArray().Select(item => (string)item!["id"]!));
            if (page["next"] is not { } next) break;
            before = $"&before={next}";
        }
        ids.Reverse();
        return ids;
    }

    private async Task<string> Publish(string user, string? more)
    {
        using var answer = await _publisher.PostAsync(ApiFixture.Path(user), ApiFixture.Json($$"""{ {{more}} "type":"{{(more is null ? "a" : "b")}}","title":"“T” 🙂"}"""));
        Assert.Equal(201, (int)answer.StatusCode);
        return (string)(await ApiFixture.Body(answer))["id"]!;
    }

    private async Task<(int Status, string Id)> PublishOnce(string user, string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, ApiFixture.Path(user)) { Content = ApiFixture.Json("""{"type":"a","title":"T"}""") };
        request.Headers.Add("Idempotency-Key", key);
        using var answer = await _publisher.SendAsync(request);
        return ((int)answer.StatusCode, (string)(await ApiFixture.Body(answer))["id"]!);
    }

    private async Task Post(string user, string action, string json)
    {
        using var answer = await _publisher.PostAsync(ApiFixture.Path(user, "notifications/" + action), ApiFixture.Json(json));
        answer.EnsureSuccessStatusCode();
    }

    private static NotificationId Parse(string id) => NotificationId.TryParse(id, out var parsed) ? parsed : throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"'{id}'"));
}
