using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;
using OrleansInbox.Storage;
using OrleansInbox.Tests.Grains.Storage;
using OrleansInbox.Topics;

namespace OrleansInbox.Tests.Grains.Topics;

public sealed class TopicsOnRedis(RedisFixture redis) : TopicTests(redis.Address), IClassFixture<RedisFixture>
{
    [Fact]
    public async Task Two_activations_of_a_split_do_the_same_job_and_every_inbox_has_it_once()
    {
        var hosts = new[] { await Start(), await Start() };
        var users = await Subscribe(hosts[0], 30);
        var bothAreAtIt = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var begun = 0;
        foreach (var host in hosts)
        {
            var isFirst = 1;
            host.Log.BeforeAppend = async _ =>
            {
                if (Interlocked.Exchange(ref isFirst, 0) == 0) return;
                if (Interlocked.Increment(ref begun) == 2) bothAreAtIt.SetResult();
                await bothAreAtIt.Task;
            };
        }
        var job = await Topic(hosts[0]).Publish(New("once"), []);
        await Topic(hosts[1]).KeepWorking();
        Assert.Equal(new TopicProgress(30, 0, 0), await Done(hosts[0], job));
        await Eventually.Is(async () => !await Topic(hosts[1]).KeepWorking(), "the other one to be at its end");
        Assert.Equal(new TopicProgress(30, 0, 0), await Done(hosts[1], job));
        var reader = await Start();
        foreach (var user in users) Assert.Equal(["once"], await Titles(reader.Inbox(user)));
    }
}

public sealed class TopicsOnSqlite() : TopicTests(redis: null);

/// <summary>What is published to a topic comes to every subscriber once, whatever happens meanwhile. Each test has a silo of its own, and no other looks for its jobs.</summary>
public abstract class TopicTests(string? redis) : IAsyncLifetime
{
    private static int _topics;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("inbox-topics-");
    private readonly List<InboxHost> _hosts = [];
    private readonly string _user = $"of-topic-{Interlocked.Increment(ref _topics)}";

    private static readonly InboxOptions _attentive = new() { DuePoll = TimeSpan.FromMilliseconds(20) };

    [Fact]
    public async Task It_reaches_every_subscriber_once_but_those_who_are_left_out_or_have_muted_it()
    {
        var host = await Start();
        var users = await Subscribe(host, 5);
        await host.Inbox(users[3]).SavePreferences(System.Text.Encoding.UTF8.GetBytes($$$"""{"mute":{"topics":["{{{Name}}}"]}}"""), null);
        await host.Inbox(users[4]).SavePreferences("""{"mute":{"types":["test"]}}"""u8.ToArray(), null);
        var job = await Topic(host).Publish(New("one") with { CollapseKey = "k" }, [users[1]]);
        Assert.Equal(new StartedJob(1, 5, false), job);
        Assert.Equal(new TopicProgress(2, 2, 0), await Done(host, job));
        Assert.Equal(["one"], await Titles(host.Inbox(users[0])));
        foreach (var user in users.Where((_, i) => i is 1 or 3 or 4)) Assert.Empty(await Titles(host.Inbox(user)));
        await Done(host, await Topic(host).Publish(New("mandatory") with { CollapseKey = "k", Mandatory = true }, []));
        foreach (var user in users) Assert.Equal(["mandatory"], await Titles(host.Inbox(user)));
        Assert.Equal("topics", (await host.Inbox(users[3]).Append(New("x") with { Topic = Name })).Muted);
        Assert.Null(await Topic(host).Job(3));
    }

    [Fact]
    public async Task A_scheduled_one_waits_in_every_inbox_and_is_judged_when_it_comes()
    {
        var host = await Start(_attentive);
        var users = await Subscribe(host, 2);
        Assert.Equal(new TopicProgress(2, 0, 0), await Done(host, await Topic(host).Publish(New("later") with { DeliverAt = host.Time.GetUtcNow().AddHours(1) }, [])));
        await host.Inbox(users[1]).SavePreferences(System.Text.Encoding.UTF8.GetBytes($$$"""{"mute":{"topics":["{{{Name}}}"]}}"""), null);
        host.Time.Move(TimeSpan.FromHours(1.1));
        await Eventually.Is(async () => (await Titles(host.Inbox(users[0]))).Contains("later"), "what is scheduled comes");
        await Eventually.Is(async () => !System.Text.Encoding.UTF8.GetString((await host.Inbox(users[1]).Waiting(new WaitingQuery { Snoozed = false })).Json).Contains("later", StringComparison.Ordinal), "what is muted is gone");
        Assert.Empty(await Titles(host.Inbox(users[1])));
    }

    [Fact]
    public async Task Jobs_come_in_their_order_and_more_than_a_page_is_gone_through()
    {
        var host = await Start();
        var users = await Subscribe(host, 1_001);
        var jobs = new List<StartedJob>();
        foreach (var title in (string[])["1", "2", "3"]) jobs.Add(await Topic(host).Publish(New(title), [.. users.Skip(1).Take(999)]));
        Assert.Equal([1L, 2, 3], jobs.Select(job => job.Number));
        Assert.Equal(new TopicProgress(2, 0, 0), await Done(host, jobs[2]));
        foreach (var user in (string[])[users[0], users[^1]]) Assert.Equal(["3", "2", "1"], await Titles(host.Inbox(user)));
    }

    [Fact]
    public async Task A_publish_that_comes_again_is_the_first_one_and_another_one_with_its_key_is_refused()
    {
        var host = await Start();
        await Subscribe(host, 1);
        var first = await Topic(host).Publish(New("one", key: "key"), ["x"]);
        Assert.Equal(first with { Replayed = true }, await Topic(host).Publish(New("one", key: "key"), ["x"]));
        var reused = await Assert.ThrowsAsync<KeyReusedException>(() => Topic(host).Publish(New("one", key: "key"), ["y"]));
        Assert.Equal($"{Name}~1", reused.Scheduled);
        await Assert.ThrowsAsync<KeyReusedException>(() => Topic(host).Retract("k", "key", keyIsForRetries: false));
        await Assert.ThrowsAsync<InvalidNotificationException>(() => Topic(host).Publish(New(""), []));
        await Done(host, first);
        Assert.Equal(2, (await Topic(host).Publish(New("two"), [])).Number);
    }

    [Fact]
    public async Task A_job_goes_on_after_a_restart_and_nobody_has_it_twice()
    {
        var host = await Start(_attentive);
        var users = await Subscribe(host, 40);
        var (appends, enough) = (0, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        host.Log.BeforeAppend = _ =>
        {
            if (Interlocked.Increment(ref appends) <= 15) return Task.CompletedTask;
            enough.TrySetResult();
            throw new StorageUnavailableException("away");
        };
        var job = await Topic(host).Publish(New("once"), []);
        await enough.Task;
        Assert.Equal(new JobState(false, default, 40), await Topic(host).Job(job.Number));
        await Stop(host);
        host = await Start(_attentive);
        host.Time.Move(TimeSpan.FromSeconds(10)); // the index is looked at again
        Assert.Equal(new TopicProgress(40, 0, 0), await Done(host, job));
        foreach (var user in users) Assert.Equal(["once"], await Titles(host.Inbox(user)));
    }

    [Fact]
    public async Task Storage_that_is_away_fails_nobody_and_what_an_inbox_refuses_does_not_hold_up_the_job()
    {
        var host = await Start(_attentive);
        await Subscribe(host, 20);
        var isAway = true;
        var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        host.Log.BeforeAppend = _ =>
        {
            if (!isAway) return Task.CompletedTask;
            seen.TrySetResult();
            throw new StorageUnavailableException("away");
        };
        var (first, second) = (await Topic(host).Publish(New("stays"), []), await Topic(host).Publish(New("runs out", expiresAt: host.Time.GetUtcNow().AddMinutes(1)), []));
        await seen.Task;
        host.Time.Move(TimeSpan.FromMinutes(2));
        Assert.True(await Topic(host).KeepWorking());
        isAway = false;
        Assert.Equal(new TopicProgress(20, 0, 0), await Done(host, first));
        Assert.Equal(new TopicProgress(0, 0, 20), await Done(host, second));
        await Eventually.Is(async () => !await Topic(host).KeepWorking(), "the end of the work");
    }

    [Fact]
    public async Task A_retraction_reaches_those_who_have_left_too()
    {
        var host = await Start();
        var users = await Subscribe(host, 3);
        await Done(host, await Topic(host).Publish(New("about") with { CollapseKey = "k" }, []));
        await host.Inbox("someone else " + Name).Append(New("about") with { CollapseKey = "k" });
        await Topic(host).Change([], [users[2]], onlyIfOpen: false);
        Assert.Equal(new TopicProgress(3, 0, 0), await Done(host, await Topic(host).Retract("k", null, keyIsForRetries: false)));
        foreach (var user in users) Assert.Empty(await Titles(host.Inbox(user)));
        Assert.Equal(["about"], await Titles(host.Inbox("someone else " + Name)));
        await Done(host, await Topic(host).Publish(New("next"), []));
        Assert.Empty(await Titles(host.Inbox(users[2])));
    }

    [Fact]
    public async Task An_inbox_that_nobody_looks_at_leaves_memory_and_what_others_publish_meanwhile_is_not_lost()
    {
        var host = await Start();
        var users = await Subscribe(host, 30);
        await host.Inbox(users[0]).Counts();
        var jobs = Enumerable.Range(0, 10).Select(i => Topic(host).Publish(New($"job {i}"), [])).ToList();
        var others = await Task.WhenAll(Enumerable.Range(0, 10).SelectMany(i => users.Skip(20).Select(user => Task.Run(() => host.Inbox(user).Append(New($"other {i}"))))));
        foreach (var job in jobs) Assert.Equal(new TopicProgress(30, 0, 0), await Done(host, await job));
        await Done(host, await Topic(host).Retract("never", null, keyIsForRetries: false));
        var management = host.Cluster.GetGrain<IManagementGrain>(0);
        await Eventually.Is(async () => (await InMemory()).Order(StringComparer.Ordinal).SequenceEqual([users[0], .. users.Skip(20)]), "what only jobs have activated to leave memory");
        foreach (var (user, i) in users.Select((user, i) => (user, i))) Assert.Equal(i < 20 ? 10 : 20, (await host.Inbox(user).Counts()).Total);
        Assert.Equal(100, others.Select(appended => appended.Id).Count());

        async Task<IEnumerable<string>> InMemory() =>
            (await management.GetDetailedGrainStatistics()).Where(grain => grain.GrainId.Type.ToString() == "inbox").Select(grain => InboxKey.Parse(grain.GrainId.Key.ToString()!).User);
    }

    [Fact]
    public async Task A_job_whose_process_died_before_it_began_is_found_by_the_index()
    {
        var host = await Start(_attentive);
        var users = await Subscribe(host, 1);
        var (topic, services) = (InboxKey.Of(InboxKey.DefaultTenant, Name), host.Services);
        await services.GetRequiredService<IWaitingStore>().Announce([new(topic, Waiting.TopicId, host.Time.GetUtcNow())]);
        await services.GetRequiredService<ITopicStore>().AddJob(topic, new() { Nonce = "n", Publish = New("found") }, null, TimeSpan.FromHours(1));
        host.Time.Move(TimeSpan.FromMinutes(1)); // should the look have been between the two
        await Eventually.Is(async () => (await Titles(host.Inbox(users[0]))).Contains("found"), "the job to be done");
    }

    [Fact]
    public async Task A_publish_whose_job_storage_lost_is_repeated_and_comes_once()
    {
        var host = await Start();
        var users = await Subscribe(host, 3);
        await Done(host, await Topic(host).Publish(New("once") with { IdempotencyKey = "key" }, []));
        // As the repeated publish finds it on a replica that took over and had never heard of the first one.
        var topic = InboxKey.Of(InboxKey.DefaultTenant, Name);
        var again = await host.Services.GetRequiredService<ITopicStore>().AddJob(topic, new TopicWork { Publish = New("once") }.Named(topic, "key"), null, TimeSpan.FromHours(1));
        await Topic(host).KeepWorking();
        Assert.Equal(new TopicProgress(3, 0, 0), await Done(host, new StartedJob(again.Number, 3, false)));
        foreach (var user in users) Assert.Equal(["once"], await Titles(host.Inbox(user)));
    }

    [Fact]
    public async Task A_change_that_comes_late_is_not_made()
    {
        var host = await Start();
        await Assert.ThrowsAsync<TimeoutException>(() => Topic(host).Change(["ann"], [], onlyIfOpen: false, host.Time.GetUtcNow().AddSeconds(-1)));
        await Assert.ThrowsAsync<TimeoutException>(() => Topic(host).SetOpen(true, host.Time.GetUtcNow().AddSeconds(-1)));
        Assert.Equal(new TopicState(false, 0), await Topic(host).Read());
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var host in _hosts) await host.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    protected string Name => "topic:" + _user;

    protected async Task<InboxHost> Start(InboxOptions? options = null)
    {
        var host = await InboxHost.Start(redis, _folder.FullName, options);
        _hosts.Add(host);
        return host;
    }

    private async Task Stop(InboxHost host)
    {
        _hosts.Remove(host);
        await host.DisposeAsync();
    }

    protected static NewNotification New(string title, string? key = null, DateTimeOffset? expiresAt = null) => new() { Type = "test", Title = title, IdempotencyKey = key, ExpiresAt = expiresAt };

    protected static async Task<string[]> Titles(IInboxGrain inbox)
    {
        using var json = JsonDocument.Parse((await inbox.List(new ListQuery { Limit = 100 })).Json);
        return [.. json.RootElement.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("title").GetString()!)];
    }

    protected ITopicGrain Topic(InboxHost host) => host.Cluster.GetGrain<ITopicGrain>(InboxKey.Of(InboxKey.DefaultTenant, Name));

    protected async Task<string[]> Subscribe(InboxHost host, int count)
    {
        var users = Enumerable.Range(0, count).Select(i => $"{_user}.{i:0000}").ToArray();
        foreach (var some in users.Chunk(TopicLimits.MaxUsers)) Assert.True(await Topic(host).Change(some, [], onlyIfOpen: false));
        return users;
    }

    protected async Task<TopicProgress> Done(InboxHost host, StartedJob job)
    {
        await Eventually.Is(async () => (await Topic(host).Job(job.Number))!.IsDone, $"the end of job {job.Number}");
        return (await Topic(host).Job(job.Number))!.Done;
    }
}
