using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansInbox.Storage;
using OrleansInbox.Storage.Redis;
using OrleansInbox.Tests.ClientApi;
using OrleansInbox.Tests.Cluster;
using OrleansInbox.Tests.Deployment;
using OrleansInbox.Tests.Processes;

namespace OrleansInbox.Tests.Redis;

public sealed class RedisClusterFixture : IAsyncLifetime
{
    public RedisCluster Cluster { get; private set; } = null!;

    public async Task InitializeAsync() => Cluster = await RedisCluster.Start();

    public async Task DisposeAsync() => await Cluster.DisposeAsync();
}

/// <summary>Three masters, each with a replica. (The whole conformance of the storage runs there with <c>INBOX_REDIS_CLUSTER=1 ./test Grains.Storage.Redis</c>.)</summary>
public sealed class RedisClusterTests(RedisClusterFixture redis) : IClassFixture<RedisClusterFixture>
{
    private const long Epoch = 1_766_000_000_000;

    [Fact]
    public async Task Inboxes_of_all_slots_are_written_read_and_removed_at_the_same_time()
    {
        await using var connection = new RedisConnection(redis.Cluster.Address, TimeSpan.FromSeconds(4), TimeProvider.System, NullLogger<RedisConnection>.Instance);
        var log = new RedisInboxLog(connection, new InboxOptions());
        var now = DateTimeOffset.UtcNow;
        await log.Ping();
        await Task.WhenAll(Enumerable.Range(0, 60).Select(async n =>
        {
            var inbox = $"t/{n}";
            Assert.Equal(0, (await log.Open(inbox, default)).Head);
            for (var head = 0; head < 10; head++)
                await log.Append(inbox, new(Epoch, head, 0, "w", [new("{}"u8.ToArray(), now, $"key-{head}", now.AddDays(head + 1))]));
            Assert.True((await log.Append(inbox, new(Epoch, 10, 0, "w", [new("{}"u8.ToArray(), now, "key-3")])))[0] is { Replayed: true, Seq: 4 });
            await log.Delete(inbox, Epoch, [1, 2]);
            await log.Skip(inbox, Epoch, 10, 12);
            NewLogEntry aboutOrder = new("{}"u8.ToArray(), now, CollapseKey: "order");
            Assert.Equal([null, 1], (await log.Append(inbox + "-key", new(Epoch, 0, 0, "w", [aboutOrder, aboutOrder]))).Select(outcome => outcome.Replaced));
            Assert.Equal(2, await log.Find(inbox + "-key", Epoch, "order"));
            Assert.Equal(Enumerable.Range(3, 8).Select(seq => (long)seq), (await log.Read(inbox, Epoch, 1, 100, 100, newestFirst: false)).Select(entry => entry.Seq));
            Assert.Equal(8, (await log.NextExpiries(inbox, Epoch, 100)).Count);
            var position = await log.Open(inbox, default);
            Assert.Equal((12, "11-12", false), (position.Head, position.Skipped.ToString(), position.TailMayBeLost));
            await Assert.ThrowsAsync<LogConflictException>(() => log.Append(inbox, new(Epoch, 10, 0, "w", [new("{}"u8.ToArray(), now)])));
            await Assert.ThrowsAsync<LogConflictException>(() => log.Append(inbox, new(Epoch, 14, 0, "w", [new("{}"u8.ToArray(), now)])));
            if (n % 2 == 0) await log.Erase(inbox, Epoch);
            Assert.Equal(n % 2 == 0 ? 0 : Epoch, (await log.Open(inbox, default)).Epoch);
        }));
        await log.ProbeWrite();
        Assert.Empty(connection.Warnings);
    }

    [Fact]
    public async Task A_topic_lies_in_one_slot_and_its_subscribers_anywhere()
    {
        await using var server = await ApiServer.Start(redis.Cluster.Address);
        var publisher = server.Publisher();
        var users = string.Join("\",\"", Enumerable.Range(0, 100).Select(i => $"user-{i}"));
        foreach (var topic in (string[])["a", "b", "c"])
        {
            Assert.Equal(HttpStatusCode.NoContent, (await publisher.PostAsync($"/v1/topics/{topic}/subscribers", ApiFixture.Json($$"""{"add":["{{users}}"]}"""))).StatusCode);
            Assert.Equal(HttpStatusCode.Accepted, (await publisher.PostAsync($"/v1/topics/{topic}/notifications", ApiFixture.Json("""{"type":"t","title":"T","key":"k"}"""))).StatusCode);
            Assert.Equal(HttpStatusCode.Accepted, (await publisher.DeleteAsync($"/v1/topics/{topic}/keys/k")).StatusCode);
            foreach (var number in (int[])[1, 2])
                await Eventually.Is(async () => (await publisher.GetStringAsync($"/v1/jobs/{topic}~{number}")) == """{"state":"done","reached":100,"muted":0,"failed":0,"of":100}""", "the job to be done");
        }
        Assert.Equal("""{"topics":["a","b","c"]}""", await publisher.GetStringAsync(ApiFixture.Path("user-7", "topics")));
        Assert.Equal(HttpStatusCode.NoContent, (await publisher.DeleteAsync("/v1/users/user-7")).StatusCode);
        Assert.Equal("""{"open":false,"subscribers":99}""", await publisher.GetStringAsync("/v1/topics/b"));
    }

    [Fact]
    public async Task A_database_that_it_has_not_is_refused_at_the_start_with_a_sentence()
    {
        using var folder = new TemporaryFolder();
        var (exitCode, output) = await ServerProcess.RunUntilShutdown(folder.FullName, "Development", "--ConnectionStrings:Redis", redis.Cluster.Address + ",defaultDatabase=1");
        Assert.Equal(1, exitCode);
        Assert.Contains("A Redis Cluster has no databases but 0: remove defaultDatabase", output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Members_and_subscriptions_are_kept_in_it()
    {
        await using var cluster = await ClusterFixture.Open(redis.Cluster.Address);
        var client = new InboxClient(await cluster.StartFrontEnd("CoHosted"));
        await Eventually.Is(async () => await client.Status("/health/ready") == HttpStatusCode.OK, "it to be a member");
        foreach (var user in new[] { "ann", "bob", "cat" })
        {
            var live = await client.Stream(user);
            await live.Added(await client.Publish(user), await client.Publish(user));
            await client.Mark(user, "read", new { all = true });
            Assert.Equal("marked", (await live.Next()).Kind);
        }
    }

    [Fact]
    public async Task A_replica_that_takes_over_without_the_last_notifications_gives_none_of_their_ids_again()
    {
        await using var server = await ApiServer.Start(redis.Cluster.Address);
        var (publisher, user) = (server.Publisher(), "failing over");
        var kept = new List<string>();
        for (var i = 0; i < 5; i++) kept.Add(await Published(publisher, user));
        var (master, replica) = await redis.Cluster.Of(LogOf(user));
        await RedisCluster.CutOff(master, replica);
        using var live = await EventReader.Open(publisher, ApiFixture.Path(user, "stream"), kept[^1]);
        Assert.Equal("ready", (await live.Next())!.Value.Name);
        var lost = new List<string>();
        for (var i = 0; i < 5; i++) lost.Add(await Published(publisher, user));
        foreach (var id in lost) await Added(live, id);

        await RedisCluster.FailOver(master, replica);
        string? next = null;
        await Eventually.Is(async () => (next = await Publish(publisher, user)) is not null, "a publish to be taken by the replica");
        Assert.True(Parse(next!) > Parse(lost[^1]), $"{next} is not above {lost[^1]}.");
        var events = new List<string>();
        while (live.LastId != next) events.Add((await live.Next())!.Value.Name);
        Assert.Contains("reset", events); // the reader has shown what is lost
        var page = await ApiFixture.Body(await publisher.GetAsync(ApiFixture.Path(user)));
        Assert.Equal([next!, .. Enumerable.Reverse(kept)], page["items"]!.AsArray().Select(item => item!["id"]!.GetValue<string>()));
        Assert.Equal(6, (int)page["counts"]!["unread"]!);

        await master.Start();
        await Eventually.Is(redis.Cluster.IsWhole, "the killed master to be a replica");
    }

    [Fact]
    public async Task A_publish_waits_for_the_replica_and_says_when_it_does_not_get_it()
    {
        await using var server = await ApiServer.Start(redis.Cluster.Address, settings: "Storage:WaitReplicas=1");
        var (publisher, user) = (server.Publisher(), "waiting");
        var first = ApiFixture.Path(user, $"notifications/{await Published(publisher, user)}");
        var (master, replica) = await redis.Cluster.Of(LogOf(user));
        await RedisCluster.CutOff(master, replica);
        using (var uncertain = await Send(publisher, user, "once"))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, uncertain.StatusCode);
            Assert.Contains("Idempotency-Key", (await ApiFixture.Body(uncertain))["detail"]!.GetValue<string>(), StringComparison.Ordinal);
        }
        for (var i = 0; i < 2; i++) Assert.Equal(HttpStatusCode.ServiceUnavailable, (await publisher.DeleteAsync(first)).StatusCode); // the second time nothing is left to be deleted
        replica.Thaw();
        HttpStatusCode status = default;
        await Eventually.Is(async () => (status = (await Send(publisher, user, "once")).StatusCode) != HttpStatusCode.ServiceUnavailable, "the replica to be back");
        Assert.Equal(HttpStatusCode.OK, status); // it was stored the first time
        var page = await ApiFixture.Body(await publisher.GetAsync(ApiFixture.Path(user)));
        Assert.Single(page["items"]!.AsArray());
        Assert.Equal(HttpStatusCode.NoContent, (await publisher.DeleteAsync(first)).StatusCode);
        await Eventually.Is(redis.Cluster.IsWhole, "the cluster to be whole");
    }

    private static string LogOf(string user) => $"inbox:{{{InboxKey.Of(InboxKey.DefaultTenant, user)}}}:log";

    private static async Task<HttpResponseMessage> Send(HttpClient publisher, string user, string? key = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, ApiFixture.Path(user)) { Content = ApiFixture.Json("""{"type":"t","title":"T"}""") };
        if (key is not null) request.Headers.Add("Idempotency-Key", key);
        return await publisher.SendAsync(request);
    }

    private static async Task<string?> Publish(HttpClient publisher, string user)
    {
        using var answer = await Send(publisher, user);
        return answer.IsSuccessStatusCode ? (await ApiFixture.Body(answer))["id"]!.GetValue<string>() : null;
    }

    private static async Task<string> Published(HttpClient publisher, string user) => await Publish(publisher, user) ?? throw new InvalidOperationException("The publish was refused.");

    private static async Task Added(EventReader live, string id)
    {
        Assert.Equal("added", (await live.Next())!.Value.Name);
        Assert.Equal(id, live.LastId);
    }

    private static NotificationId Parse(string id) => NotificationId.TryParse(id, out var parsed) ? parsed : throw new FormatException(id);
}
