using Orleans.Storage;
using Orleans.TestingHost;

namespace OrleansInbox.Tests.Cluster;

/// <summary>Two clusters that do not know of each other, on the same data: what a network split makes, without the hope that it heals.</summary>
public sealed class SplitTests(TwoClusters clusters) : IClassFixture<TwoClusters>
{
    private static int _users;

    [Fact]
    public async Task Two_activations_of_one_inbox_write_one_order()
    {
        var (one, other) = Inboxes();
        var ids = new List<NotificationId>();
        for (var i = 0; i < 10; i++)
        {
            ids.Add((await one.Append(New($"one {i}"))).Id);
            ids.Add((await other.Append(New($"other {i}"))).Id);
        }
        Assert.Equal(Enumerable.Range(1, 20).Select(seq => new NotificationId(ids[0].Epoch, seq)), ids);
    }

    [Fact]
    public async Task Two_activations_that_write_at_the_same_time_lose_and_double_nothing()
    {
        const int each = 200;
        var (one, other) = Inboxes();
        IInboxGrain[] inboxes = [one, other];
        var appended = await Task.WhenAll(inboxes.SelectMany((inbox, who) => Enumerable.Range(0, each).Select(async n =>
        {
            // Once in a while both have lost several times in a row: then it is the caller's turn, with its key.
            Appended? done = null;
            await Eventually.Succeeds(async () => done = await inbox.Append(New($"{who} {n}", key: $"{who} {n}")), "the append to win");
            return done!.Id;
        })));
        Assert.Equal(Enumerable.Range(1, 2 * each), appended.Select(id => (int)id.Seq).Order());
        Assert.Single(appended.Select(id => id.Epoch).Distinct());
        foreach (var inbox in inboxes)
        {
            await Eventually.Succeeds(() => inbox.Append(New("end")), "the append to win"); // whoever is refused reloads
            Assert.True((await inbox.Counts()).Total > 2 * each);
        }
    }

    [Fact]
    public async Task A_key_that_one_activation_took_is_known_to_the_other()
    {
        var (one, other) = Inboxes();
        await other.Counts();
        var first = await one.Append(New("hello", "key") with { KeyIsForRetries = true });
        var again = await other.Append(New("hello", "key") with { KeyIsForRetries = true });
        Assert.True(again.Replayed);
        Assert.Equal(first.Id, again.Id);
    }

    [Fact]
    public async Task A_mark_of_an_activation_that_was_overtaken_is_refused_and_made_again_all_are_kept()
    {
        var (one, other) = Inboxes();
        var ids = new List<NotificationId>();
        for (var i = 0; i < 4; i++) ids.Add((await one.Append(New($"n{i}"))).Id);
        await other.Counts();
        await one.Mark(new MarkRequest { Action = MarkAction.Read, Ids = [ids[0]] });
        await MarkAgain(other, new MarkRequest { Action = MarkAction.Read, Ids = [ids[1]] });
        var counts = await MarkAgain(one, new MarkRequest { Action = MarkAction.Archive, Ids = [ids[2]] });
        Assert.Equal((1, 4), (counts.Unread, counts.Total));
    }

    [Fact]
    public async Task A_mark_that_changes_nothing_to_an_activation_that_was_overtaken_is_not_passed_over()
    {
        var (one, other) = Inboxes();
        var id = (await one.Append(New("n"))).Id;
        await other.Counts();
        await one.Mark(new MarkRequest { Action = MarkAction.Read, Ids = [id] });
        var counts = await MarkAgain(other, new MarkRequest { Action = MarkAction.Unread, Ids = [id] });
        Assert.Equal(1, counts.Unread);
    }

    [Fact]
    public async Task What_an_activation_that_was_overtaken_would_refuse_is_asked_again()
    {
        var (one, other) = Inboxes();
        var id = (await one.Append(New("n"))).Id;
        await other.Counts();
        await one.Mark(new MarkRequest { Action = MarkAction.Read, Ids = [id], Undo = "mine" });
        await Assert.ThrowsAsync<InconsistentStateException>(() => other.Undo("mine"));
        Assert.Equal(1, (await other.Undo("mine")).Unread);
        await Assert.ThrowsAsync<UndoExpiredException>(() => other.Undo("unknown"));
    }

    [Fact]
    public async Task What_is_named_and_not_known_to_an_activation_that_was_overtaken_is_looked_up()
    {
        var (one, other) = Inboxes();
        await other.Counts();
        var ids = new List<NotificationId>();
        for (var i = 0; i < 4; i++) ids.Add((await one.Append(New($"n{i}"))).Id);
        Assert.Equal(0, (await other.Mark(new MarkRequest { Action = MarkAction.Seen, UpTo = ids[3] })).Unseen);
        var next = (await one.Append(New("next"))).Id;
        Assert.NotNull((await other.Patch(next, read: true, archived: null)).Json);
        next = (await one.Append(New("deleted"))).Id;
        await other.Delete(next);
        Assert.Null((await other.Get(next)).Json);
        next = (await one.Append(New("last"))).Id;
        Assert.Equal(next, (await other.Replay(next, -1, 10)).Now.Head);
    }

    private static async Task<InboxCounts> MarkAgain(IInboxGrain inbox, MarkRequest mark)
    {
        await Assert.ThrowsAsync<InconsistentStateException>(() => inbox.Mark(mark));
        return await inbox.Mark(mark);
    }

    /// <summary>One inbox, as each of the two clusters has it.</summary>
    private (IInboxGrain One, IInboxGrain Other) Inboxes() => clusters.Inboxes($"user-{Interlocked.Increment(ref _users)}");

    private static NewNotification New(string title, string? key = null) => new() { Type = "test", Title = title, IdempotencyKey = key };
}

/// <summary>For the tests of a class, each of which has an inbox of its own.</summary>
public sealed class TwoClusters : IAsyncLifetime
{
    private RedisServer _redis = null!;
    private InProcessTestCluster _one = null!;
    private InProcessTestCluster _other = null!;

    public async Task InitializeAsync()
    {
        _redis = await RedisServer.Start();
        _one = await InboxCluster.Start(_redis, silos: 1);
        _other = await InboxCluster.Start(_redis, silos: 1);
    }

    public async Task DisposeAsync()
    {
        await _one.DisposeAsync();
        await _other.DisposeAsync();
        await _redis.DisposeAsync();
    }

    public (IInboxGrain One, IInboxGrain Other) Inboxes(string user) => (_one.Inbox(user), _other.Inbox(user));
}
