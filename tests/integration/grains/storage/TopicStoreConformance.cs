using OrleansInbox.Storage;
using OrleansInbox.Topics;

namespace OrleansInbox.Tests.Grains.Storage;

/// <summary>What <see cref="ITopicStore"/> promises; every backend passes all of it.</summary>
public abstract class TopicStoreConformance : IAsyncLifetime
{
    protected static readonly TopicLimits Limits = new() { Subscribers = 20, Topics = 3, Jobs = 3, Left = 5 };
    private static int _tenants;

    protected ITopicStore Store { get; private set; } = null!;
    protected MovedTime Time { get; } = new();

    /// <summary>Each test has its own.</summary>
    protected string Tenant { get; } = $"tenant {Interlocked.Increment(ref _tenants)} “é”";

    protected abstract Task<ITopicStore> Create();

    public async Task InitializeAsync() => Store = await Create();

    public abstract Task DisposeAsync();

    protected string Topic(string name = "post:7") => InboxKey.Of(Tenant, name);

    [Fact]
    public async Task Who_is_subscribed_is_listed_in_the_order_of_bytes_page_by_page()
    {
        string[] users = ["ann", "Zoe", "{x}/ü", "🙂", "ｆ", "(a", "[b", "-", "+"];
        Assert.Equal((false, 0L), await Store.Read(Topic()));
        Assert.Empty(await Store.Subscribers(Topic(), null, 10));
        for (var i = 0; i < 2; i++) Assert.True(await Store.Change(Topic(), users, [], onlyIfOpen: false));
        Assert.Equal((false, 9L), await Store.Read(Topic()));
        var pages = new List<string>();
        for (string? after = null; await Store.Subscribers(Topic(), after, 2) is { Count: > 0 } page; after = page[^1]) pages.AddRange(page);
        Assert.Equal(users.OrderBy(user => Convert.ToHexString(System.Text.Encoding.UTF8.GetBytes(user)), StringComparer.Ordinal), pages);
        Assert.Equal((true, false), await Store.Subscription(Topic(), "🙂"));
        Assert.Equal((false, false), await Store.Subscription(Topic("other"), "🙂"));
    }

    [Fact]
    public async Task Adding_and_removing_is_idempotent_and_a_user_s_topics_are_exact()
    {
        await Store.Change(Topic("b"), ["ann", "bob"], [], onlyIfOpen: false);
        await Store.Change(Topic("a"), ["ann"], [], onlyIfOpen: false);
        Assert.Equal(["a", "b"], await Store.TopicsOf(InboxKey.Of(Tenant, "ann")));
        for (var i = 0; i < 2; i++) await Store.Change(Topic("b"), ["cid"], ["ann", "never"], onlyIfOpen: false);
        Assert.Equal(["bob", "cid"], await Store.Subscribers(Topic("b"), null, 10));
        Assert.Equal(["a"], await Store.TopicsOf(InboxKey.Of(Tenant, "ann")));
        Assert.Empty(await Store.TopicsOf(InboxKey.Of(Tenant, "never")));
        await Store.Change(Topic("b"), ["ann"], [], onlyIfOpen: false);
        Assert.Equal(["a", "b"], await Store.TopicsOf(InboxKey.Of(Tenant, "ann")));
    }

    [Fact]
    public async Task Tenants_are_separate()
    {
        await Store.Change(Topic(), ["ann"], [], onlyIfOpen: false);
        Assert.Equal((false, 0L), await Store.Read(InboxKey.Of(Tenant + "2", "post:7")));
        Assert.Empty(await Store.TopicsOf(InboxKey.Of(Tenant + "2", "ann")));
        await Store.Forget(InboxKey.Of(Tenant + "2", "ann"));
        Assert.Equal(["post:7"], await Store.TopicsOf(InboxKey.Of(Tenant, "ann")));
    }

    [Fact]
    public async Task Only_an_open_topic_is_changed_by_those_who_may_change_no_other()
    {
        Assert.False(await Store.Change(Topic(), ["ann"], [], onlyIfOpen: true));
        await Store.SetOpen(Topic(), isOpen: true);
        Assert.True(await Store.Change(Topic(), ["ann"], [], onlyIfOpen: true));
        Assert.Equal((true, true), await Store.Subscription(Topic(), "ann"));
        await Store.SetOpen(Topic(), isOpen: false);
        Assert.False(await Store.Change(Topic(), [], ["ann"], onlyIfOpen: true));
        Assert.Equal((false, 1L), await Store.Read(Topic()));
    }

    [Fact]
    public async Task A_topic_that_is_full_takes_nobody_but_those_whom_it_has_and_in_exchange()
    {
        await Store.Change(Topic(), [.. Users(20)], [], onlyIfOpen: false);
        await Assert.ThrowsAsync<TooManySubscriptionsException>(() => Store.Change(Topic(), ["ann", "bob"], ["user-00"], onlyIfOpen: false));
        Assert.Equal(Users(20), await Store.Subscribers(Topic(), null, 100));
        Assert.Empty(await Store.TopicsOf(InboxKey.Of(Tenant, "ann")));
        await Store.Change(Topic(), ["user-01"], [], onlyIfOpen: false);
        await Store.Change(Topic(), ["ann"], ["user-00"], onlyIfOpen: false);
        Assert.Equal((false, 20L), await Store.Read(Topic()));
    }

    [Fact]
    public async Task A_user_with_as_many_topics_as_may_be_gets_no_other_before_one_is_left()
    {
        foreach (var name in (string[])["a", "b", "c"]) await Store.Change(Topic(name), ["ann"], [], onlyIfOpen: false);
        await Assert.ThrowsAsync<TooManySubscriptionsException>(() => Store.Change(Topic("d"), ["bob", "ann"], [], onlyIfOpen: false));
        Assert.Equal((false, 0L), await Store.Read(Topic("d")));
        await Store.Change(Topic("a"), ["ann"], [], onlyIfOpen: false);
        await Store.Change(Topic("a"), [], ["ann"], onlyIfOpen: false);
        await Store.Change(Topic("d"), ["bob", "ann"], [], onlyIfOpen: false);
        Assert.Equal(["b", "c", "d"], await Store.TopicsOf(InboxKey.Of(Tenant, "ann")));
    }

    [Fact]
    public async Task Who_has_left_is_known_for_90_days_the_newest_and_not_who_came_back()
    {
        await Store.Change(Topic(), [.. Users(9)], [], onlyIfOpen: false);
        await Store.Change(Topic(), [], ["user-08", "user-07"], onlyIfOpen: false);
        Time.Move(TimeSpan.FromMilliseconds(5));
        await Store.Change(Topic(), [], ["user-06", "user-05", "user-04", "user-03"], onlyIfOpen: false);
        await Store.Change(Topic(), ["user-04"], [], onlyIfOpen: false);
        Assert.Equal(["user-00", "user-01", "user-02", "user-04", "user-08", "user-03", "user-05", "user-06"], await Everybody(andLeft: true));
        Assert.Equal(["user-00", "user-01", "user-02", "user-04"], await Everybody(andLeft: false));
        Time.Move(TimeSpan.FromDays(91));
        await Store.Change(Topic(), [], ["user-02"], onlyIfOpen: false);
        Assert.Equal(["user-00", "user-01", "user-04", "user-02"], await Everybody(andLeft: true));
    }

    [Fact]
    public async Task Nothing_of_who_is_forgotten_stays()
    {
        await Store.Change(Topic("a"), ["ann", "bob"], [], onlyIfOpen: false);
        await Store.Change(Topic("b"), ["ann"], [], onlyIfOpen: false);
        await Store.Change(Topic("a"), [], ["ann"], onlyIfOpen: false);
        for (var i = 0; i < 2; i++) await Store.Forget(InboxKey.Of(Tenant, "ann"));
        Assert.Equal(["bob"], await Everybody(andLeft: true, "a"));
        Assert.Empty(await Everybody(andLeft: true, "b"));
        Assert.Empty(await Store.TopicsOf(InboxKey.Of(Tenant, "ann")));
        Assert.Equal((false, 0L), await Store.Read(Topic("b")));
    }

    [Fact]
    public async Task Jobs_wait_in_their_order_and_are_known_for_7_days_after_their_end()
    {
        await Store.Change(Topic(), ["ann", "bob"], [], onlyIfOpen: false);
        await Store.Change(Topic(), [], ["bob"], onlyIfOpen: false);
        Assert.Null(await Store.NextJob(Topic()));
        Assert.Equal(new AddedTopicJob(1, 1, null), await Add(Publish("first") with { Except = ["cid"] }));
        Assert.Equal(new AddedTopicJob(2, 2, null), await Add(new() { Nonce = "n", Retract = "key" }));
        var first = (await Store.NextJob(Topic()))!;
        Assert.Equal((1L, 1L, "", default, false), (first.Number, first.Of, first.Cursor, first.Done, first.IsDone));
        Assert.Equal(("first", "[1]", "cid", TimeSpan.FromMinutes(1), Priority.High), (first.Work!.Publish!.Title, System.Text.Encoding.UTF8.GetString(first.Work.Publish.Data!), first.Work.Except[0], first.Work.Publish.Fallback!.After, first.Work.Publish.Priority));
        Assert.True(await Store.Advance(Topic(), first, new(1, 2, 3), "sann"));
        Assert.False(await Store.Advance(Topic(), first, new(1, 2, 3), "sann")); // another activation was faster
        first = (await Store.Job(Topic(), 1))!;
        Assert.Equal(("sann", new TopicProgress(1, 2, 3)), (first.Cursor, first.Done));
        Assert.True(await Store.Advance(Topic(), first, new(1, 0, 0), next: null));
        Assert.False(await Store.Advance(Topic(), first, new(1, 0, 0), next: null));
        var second = (await Store.NextJob(Topic()))!;
        Assert.Equal((2L, "key"), (second.Number, second.Work!.Retract));
        await Store.Advance(Topic(), second, default, next: null);
        Assert.Null(await Store.NextJob(Topic()));
        var done = (await Store.Job(Topic(), 1))!;
        Assert.Equal((true, new TopicProgress(2, 2, 3), 1L), (done.IsDone, done.Done, done.Of));
        Assert.Null(await Store.Job(Topic(), 3));
        Assert.Null(await Store.Job(Topic("other"), 1));
    }

    [Fact]
    public async Task As_many_jobs_wait_as_may_and_a_known_key_is_answered_all_the_same()
    {
        Assert.Equal(new AddedTopicJob(1, 0, null), await Add(Publish("x"), "key"));
        for (var i = 0; i < 2; i++) await Add(Publish("y"));
        await Assert.ThrowsAsync<TooManyJobsException>(() => Add(Publish("y"), "another"));
        await Store.Change(Topic(), ["ann"], [], onlyIfOpen: false);
        Assert.Equal(new AddedTopicJob(1, 0, Publish("x").Fingerprint()), await Add(Publish("x") with { Nonce = "other" }, "key"));
        Assert.NotEqual(Publish("x").Fingerprint(), Publish("z").Fingerprint());
        Assert.NotEqual(Publish("x").Fingerprint(), (Publish("x") with { Except = ["ann"] }).Fingerprint());
        await Store.Advance(Topic(), (await Store.NextJob(Topic()))!, default, next: null);
        Assert.Equal(new AddedTopicJob(4, 1, null), await Add(Publish("y"), "another"));
    }

    protected static TopicWork Publish(string title) => new()
    {
        Nonce = "nonce",
        Publish = new() { Type = "t", Title = title, Data = "[1]"u8.ToArray(), Priority = Priority.High, Fallback = new() { After = TimeSpan.FromMinutes(1) } },
    };

    protected Task<AddedTopicJob> Add(TopicWork work, string? key = null) => Store.AddJob(Topic(), work, key, TimeSpan.FromHours(24));

    private static IEnumerable<string> Users(int count) => Enumerable.Range(0, count).Select(i => $"user-{i:00}");

    /// <summary>As a job goes through them, by pages of two.</summary>
    private async Task<IReadOnlyList<string>> Everybody(bool andLeft, string name = "post:7")
    {
        var all = new List<string>();
        for (var cursor = ""; cursor is not null;)
        {
            (var users, cursor) = await Store.Recipients(Topic(name), cursor, 2, andLeft);
            all.AddRange(users);
        }
        return all;
    }
}
