namespace OrleansInbox.Tests.ClientDotnet;

using OrleansInbox.Client;

/// <summary>What is asked and how the answer is read, as docs/api.md has it.</summary>
public sealed class ContractTests : IDisposable
{
    private const string Base = "http://stub.example/inbox/v1/";
    private static readonly Notification _notification = new() { Type = "t", Title = "T" };
    private readonly StubServer _server = new();
    private readonly FakeTime _time = new();
    private readonly TestClient _client;

    public ContractTests() => _client = TestClient.Of(_server, _time);

    private IInboxClient Inbox => _client.Inbox;

    [Fact]
    public async Task A_batch()
    {
        _server.Answers(200, """
            {"results":[{"user":"ann","id":"1-1","replayed":true},{"user":"b","problem":{"status":503,"title":"Service Unavailable","detail":"Later."}},{"user":"c","muted":"types"},{"user":"d","scheduled":"s"}],"more":1}
            """);

        var results = await Inbox.PublishManyAsync(["ann", "b", "c", "d"], _notification, new() { IdempotencyKey = "k" });

        Assert.Equal(new StubRequest($"POST {Base}notifications", """{"users":["ann","b","c","d"],"notification":{"type":"t","title":"T"}}""", "k", "ApiKey publisher-of-the-default-tenant"), Assert.Single(_server.Requests));
        Assert.Equal(new RecipientResult { User = "ann", Id = "1-1", Replayed = true }, results[0]);
        Assert.Equal("503 Service Unavailable. Later.", results[1].Problem!.ToString());
        Assert.Equal([new() { User = "c", Muted = "types" }, new() { User = "d", Scheduled = "s" }], results.Skip(2));
    }

    [Fact]
    public async Task A_batch_is_split_by_users_and_by_bytes_with_keys_of_its_own()
    {
        _server.Answers(200, """{"results":[]}""");
        var key = new string('k', 255);

        await Inbox.PublishManyAsync([.. Enumerable.Range(0, 2_001).Select(i => $"u{i}")], _notification, new() { IdempotencyKey = key });
        Assert.Equal([1_000, 1_000, 1], _server.Requests.Select(request => Users(request)));
        Assert.Equal(key, _server.Requests[0].Key);
        Assert.Equal(3, _server.Requests.Select(request => request.Key).Distinct().Count());
        Assert.All(_server.Requests, request => Assert.True(request.Key!.Length <= 255));

        await Inbox.PublishManyAsync([.. Enumerable.Range(0, 1_000).Select(i => string.Concat(Enumerable.Repeat("🎉", 30)) + i)], _notification);
        Assert.Equal(1_000, _server.Requests.Skip(3).Sum(Users));
        Assert.All(_server.Requests, request => Assert.True(System.Text.Encoding.UTF8.GetByteCount(request.Body!) <= 256 * 1024));
        var sent = _server.Requests.Count;
        Assert.True(sent > 4);

        await Assert.ThrowsAsync<ArgumentException>(() => Inbox.PublishManyAsync(["ann", "ann"], _notification));
        Assert.Empty(await Inbox.PublishManyAsync([], _notification));
        Assert.Equal(sent, _server.Requests.Count);

        static int Users(StubRequest request) => System.Text.Json.Nodes.JsonNode.Parse(request.Body!)!["users"]!.AsArray().Count;
    }

    [Fact]
    public async Task A_publish_to_a_topic()
    {
        _server.Answers(202, """{"job":"post:7~12","of":2}""");

        Assert.Equal(new TopicJob { Job = "post:7~12", Of = 2 }, await Inbox.PublishToTopicAsync("post:7", _notification, except: ["bob"], new() { IdempotencyKey = "k" }));
        await Inbox.PublishToTopicAsync("post:7", _notification);
        await Inbox.RetractFromTopicAsync("post:7", "c/3");

        Assert.Equal([
            ($"POST {Base}topics/post%3A7/notifications", """{"type":"t","title":"T","except":["bob"]}"""),
            ($"POST {Base}topics/post%3A7/notifications", """{"type":"t","title":"T"}"""),
            ($"DELETE {Base}topics/post%3A7/keys/c%2F3", null)], _server.Requests.Select(request => (request.Line, request.Body)));
        Assert.Equal("k", _server.Requests[0].Key);
    }

    [Fact]
    public async Task A_job_is_asked_for_with_growing_pauses_until_it_is_done()
    {
        const string Running = """{"state":"running","reached":1,"muted":0,"failed":0,"of":9}""";
        for (var i = 0; i < 8; i++) _server.Answers(200, Running);
        _server.Answers(200, """{"state":"done","reached":6,"muted":2,"failed":1,"of":9}""");
        var wait = Inbox.WaitForJobAsync("post:7~12");

        foreach (var pause in new[] { 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5, 5 })
        {
            await _time.TimerWithin(TimeSpan.FromSeconds(pause));
            _time.Advance(TimeSpan.FromSeconds(pause));
        }

        Assert.Equal(new JobProgress { State = "done", Reached = 6, Muted = 2, Failed = 1, Of = 9 }, await wait);
        Assert.All(_server.Requests, request => Assert.Equal($"GET {Base}jobs/post%3A7~12", request.Line));
        Assert.Equal(9, _server.Requests.Count);
    }

    [Fact]
    public async Task A_job_that_is_forgotten_is_null()
    {
        _server.Answers(404, """{"status":404}""");
        Assert.Null(await Inbox.GetJobAsync("j"));
        Assert.Null(await Inbox.GetAnnouncementAsync("a"));
        await Assert.ThrowsAsync<InboxException>(() => Inbox.WaitForJobAsync("j"));
    }

    [Fact]
    public async Task Subscribers_of_a_topic()
    {
        _server.Answers(204).Answers(204).Answers(204).Answers(204).Answers(204)
            .Answers(200, """{"subscribed":true,"open":false}""").Answers(200, """{"users":["ann","b"],"next":"b"}""").Answers(200, """{"users":["c"],"next":null}""")
            .Answers(200, """{"topics":["post:7"]}""").Answers(200, """{"open":true,"subscribers":2}""");

        await Inbox.SubscribeAsync("post:7", "ann");
        await Inbox.UnsubscribeAsync("post:7", "a/b");
        await Inbox.SetTopicOpenAsync("post:7", true);
        await Inbox.ChangeSubscribersAsync("post:7", [.. Enumerable.Range(0, 999).Select(i => $"u{i}")], ["x", "y"]);
        Assert.Equal(new Subscription { Subscribed = true, Open = false }, await Inbox.GetSubscriptionAsync("post:7", "ann"));
        List<string> users = [];
        await foreach (var user in Inbox.ListSubscribersAsync("post:7")) users.Add(user);
        Assert.Equal(["ann", "b", "c"], users);
        Assert.Equal(["post:7"], await Inbox.GetTopicsAsync("ann"));
        Assert.Equal(new Topic { Open = true, Subscribers = 2 }, await Inbox.GetTopicAsync("post:7"));

        const string Topic = $"{Base}topics/post%3A7";
        Assert.Equal([
            $"PUT {Topic}/subscribers/ann", $"DELETE {Topic}/subscribers/a%2Fb", $"PUT {Topic}", $"POST {Topic}/subscribers", $"POST {Topic}/subscribers", $"GET {Topic}/subscribers/ann",
            $"GET {Topic}/subscribers?limit=1000", $"GET {Topic}/subscribers?limit=1000&after=b", $"GET {Base}users/ann/topics", $"GET {Topic}"], _server.Requests.Select(request => request.Line));
        Assert.Equal("""{"open":true}""", _server.Requests[2].Body);
        Assert.EndsWith(""","u998"],"remove":["x"]}""", _server.Requests[3].Body, StringComparison.Ordinal);
        Assert.Equal("""{"add":[],"remove":["y"]}""", _server.Requests[4].Body);
    }

    [Fact]
    public async Task Announcements()
    {
        const string One = """{"id":"a1","createdAt":"2026-12-01T08:00:00Z","expiresAt":"2026-12-08T08:00:00Z","newcomers":true,"notification":{"type":"t","title":"T","data":{"n":12345678901234567890}},"delivered":5,"seen":3,"read":1}""";
        _server.Answers(201, """{"id":"a1","createdAt":"2026-12-01T08:00:00Z"}""").Answers(200, One).Answers(200, $$"""{"items":[{{One}}]}""").Answers(204);

        var announced = await Inbox.AnnounceAsync(_notification, new(2026, 12, 8, 8, 0, 0, TimeSpan.Zero), newcomers: false, new() { IdempotencyKey = "k" });
        var announcement = await Inbox.GetAnnouncementAsync("a1");
        var list = await Inbox.ListAnnouncementsAsync();
        await Inbox.RetractAnnouncementAsync("a1");

        Assert.Equal(("a1", false), (announced.Id, announced.Replayed));
        Assert.Equal("k", _server.Requests[0].Key);
        Assert.Equal((5L, 3L, 1L, true), (announcement!.Delivered, announcement.Seen, announcement.Read, announcement.Newcomers));
        Assert.Equal(_notification with { Data = NotificationData.Parse("""{"n":12345678901234567890}""") }, announcement.Notification);
        Assert.Equal([announcement], list);
        Assert.Equal([
            ($"POST {Base}announcements", """{"notification":{"type":"t","title":"T"},"expiresAt":"2026-12-08T08:00:00+00:00","newcomers":false}"""),
            ($"GET {Base}announcements/a1", null), ($"GET {Base}announcements", null), ($"DELETE {Base}announcements/a1", null)], _server.Requests.Select(request => (request.Line, request.Body)));
    }

    public void Dispose() => _client.Dispose();
}
