using System.Text.Json;

namespace OrleansInbox.Tests.Grains.Inboxes;

[Collection(RedisInboxes.Name)]
public sealed class MarksOnRedis(RedisInboxes inboxes) : MarkTests(inboxes);

[Collection(SqliteInboxes.Name)]
public sealed class MarksOnSqlite(SqliteInboxes inboxes) : MarkTests(inboxes);

/// <summary>Marks are kept, and agree with the appends beside them.</summary>
public abstract class MarkTests(InboxFixture inboxes) : InboxGrainTests(inboxes)
{
    [Fact]
    public async Task Marks_survive_a_restart()
    {
        var inbox = Inbox;
        var ids = new List<NotificationId>();
        for (var i = 0; i < 5; i++) ids.Add((await inbox.Append(New($"{i}", group: i % 2 == 0 ? "even" : "odd"))).Id);
        await inbox.Mark(new MarkRequest { Action = MarkAction.Read, Group = "even" });
        await inbox.Mark(new MarkRequest { Action = MarkAction.Archive, Ids = [ids[1]] });
        await inbox.Delete(ids[4]);
        await inbox.Mark(new MarkRequest { Action = MarkAction.Seen, UpTo = ids[2] });
        var counts = await inbox.Counts();
        Assert.Equal((1L, 1L, 4L), (counts.Unread, counts.Unseen, counts.Total));
        await Restart();
        inbox = Inbox;
        Assert.Equal(counts, await inbox.Counts());
        Assert.Equal(["3"], await Titles(inbox, new ListQuery { Status = StatusFilter.Unread }));
        Assert.Equal(["2", "0"], await Titles(inbox, new ListQuery { Status = StatusFilter.Read }));
        Assert.Equal(["1"], await Titles(inbox, new ListQuery { Status = StatusFilter.Archived }));
    }

    [Fact]
    public async Task Each_of_several_changes_has_the_counts_after_it_and_after_what_was_appended_meanwhile()
    {
        var id = (await Inbox.Append(New("1"))).Id;
        for (var i = 2; i <= 3; i++) await Inbox.Append(New($"{i}"));
        var before = await Inbox.Watch("front-end");
        await Inbox.Patch(id, read: true, archived: true);
        var events = (await Inbox.Replay(before.Head, before.MarksVersion, 10)).Events;
        Assert.Equal([(2, before.Counts.Version + 1), (2, before.Counts.Version + 2)], events.Select(e => JsonDocument.Parse(e.Data).RootElement.GetProperty("counts")).Select(counts => (counts.GetProperty("unread").GetInt32(), counts.GetProperty("version").GetInt64())));
        await Inbox.Unwatch("front-end");
    }

    [Fact]
    public async Task What_was_chosen_survives_a_restart()
    {
        var id = (await Inbox.Append(New("1") with { Actions = [new() { Id = "yes", Label = "Yes" }, new() { Id = "no", Label = "No" }] })).Id;
        var chosen = (await Inbox.Act(id, "yes")).Json;
        Assert.NotNull(chosen);
        await Restart();
        Assert.Equal(chosen, (await Inbox.Get(id)).Json);
        Assert.Equal("yes", (await Assert.ThrowsAsync<AlreadyActedException>(() => Inbox.Act(id, "no"))).Action);
        Assert.Equal(chosen, (await Inbox.Act(id, "yes")).Json);
        Assert.Null((await Inbox.Act(id, "maybe")).Json);
    }

    [Fact]
    public async Task A_mark_can_be_taken_back_after_a_restart_too()
    {
        var inbox = Inbox;
        var ids = new List<NotificationId>();
        for (var i = 0; i < 5; i++) ids.Add((await inbox.Append(New($"{i}"))).Id);
        await inbox.Mark(new MarkRequest { Action = MarkAction.Read, Ids = [ids[1]] });
        await inbox.Mark(new MarkRequest { Action = MarkAction.Read, UpTo = ids[3], Undo = "mine" });
        await inbox.Append(New("5"));
        await inbox.Patch(ids[2], read: false, archived: null);
        await Restart();
        inbox = Inbox;
        Assert.Equal(5, (await inbox.Undo("mine")).Unread);
        Assert.Equal(["1"], await Titles(inbox, new ListQuery { Status = StatusFilter.Read }));
        await Restart();
        var version = (await Inbox.Counts()).Version;
        Assert.Equal(version, (await Inbox.Undo("mine")).Version);
        await Assert.ThrowsAsync<UndoExpiredException>(() => Inbox.Undo("another"));
    }

    [Fact]
    public async Task It_cannot_be_taken_back_after_ten_minutes()
    {
        var host = await Start();
        var inbox = host.Inbox(User);
        await inbox.Append(New("1"));
        await inbox.Mark(new MarkRequest { Action = MarkAction.Archive, All = true, Undo = "mine" });
        host.Time.Move(TimeSpan.FromMinutes(10));
        await Assert.ThrowsAsync<UndoExpiredException>(() => inbox.Undo("mine"));
        Assert.Equal(0, (await inbox.Counts()).Unread);
    }

    [Fact]
    public async Task A_change_that_comes_when_nobody_waits_any_more_is_not_made()
    {
        var host = await Start();
        var inbox = host.Inbox(User);
        var id = (await inbox.Append(New("1"))).Id;
        var read = new MarkRequest { Action = MarkAction.Read, Ids = [id] };
        var until = host.Time.GetUtcNow().AddSeconds(2);
        host.Time.Move(TimeSpan.FromSeconds(3)); // what was sent before sits in a frozen silo's socket
        await Assert.ThrowsAsync<TimeoutException>(() => inbox.Mark(read, until));
        await Assert.ThrowsAsync<TimeoutException>(() => inbox.Patch(id, read: true, archived: true, until));
        await Assert.ThrowsAsync<TimeoutException>(() => inbox.Erase(until));
        Assert.Equal((1, 1), ((await inbox.Counts()).Unread, (await inbox.Counts()).Total));
        Assert.Equal(0, (await inbox.Mark(read, host.Time.GetUtcNow().AddSeconds(2))).Unread);
    }

    [Fact]
    public async Task Marks_and_appends_at_the_same_time_agree()
    {
        var inbox = Inbox;
        await inbox.Append(New("0"));
        var work = Enumerable.Range(0, 200).Select(i => i % 4 == 0
            ? (Task)inbox.Mark(new MarkRequest { Action = i % 8 == 0 ? MarkAction.Read : MarkAction.Archive, All = true })
            : inbox.Append(New($"{i}")));
        await Task.WhenAll(work);
        var counts = await inbox.Counts();
        Assert.Equal(151, counts.Total);
        Assert.Equal(Math.Min(100, counts.Unread), (await Titles(inbox, new ListQuery { Limit = 100, Status = StatusFilter.Unread })).Length);
        await inbox.Mark(new MarkRequest { Action = MarkAction.Archive, All = true });
        Assert.Equal((0L, 151L), ((await inbox.Counts()).Unread, (await inbox.Counts()).Total));
    }

    [Fact]
    public async Task Counts_of_types_are_read_once_for_each_version()
    {
        var inbox = Inbox;
        for (var i = 0; i < 300; i++) await inbox.Append(New($"{i}") with { Type = i % 3 == 0 ? "a" : "b" });
        Assert.Equal((100, 100), await Counts("a"));
        var reads = Log.Reads;
        for (var i = 0; i < 5; i++) Assert.Equal((100, 100), await Counts("a"));
        Assert.Equal(reads, Log.Reads);
        await inbox.Mark(new MarkRequest { Action = MarkAction.Read, All = true, Types = ["a"] });
        Assert.Equal((0, 100), await Counts("a"));
        Assert.Equal((200, 200), await Counts("b"));
        await inbox.Append(New("new") with { Type = "a" });
        Assert.Equal((1, 101), await Counts("a"));

        async Task<(long Unread, long Total)> Counts(string type)
        {
            var counts = await inbox.CountsOf([type]);
            Assert.Equal((await inbox.Counts()).Version, counts.Version);
            return (counts.Unread, counts.Total);
        }
    }

    [Theory]
    [InlineData(MarkAction.Read)]
    [InlineData(MarkAction.Archive)]
    [InlineData(MarkAction.Delete)]
    public async Task A_group_is_marked_as_a_whole(MarkAction action)
    {
        var inbox = Inbox;
        await Task.WhenAll(Enumerable.Range(0, 450).Select(i => inbox.Append(New($"{i}", group: i % 2 == 0 ? "even" : "odd"))));
        var counts = await inbox.Mark(new MarkRequest { Action = action, Group = "even" });
        Assert.Equal((225, action == MarkAction.Delete ? 225 : 450), (counts.Unread, counts.Total));
        var left = await Titles(inbox, new ListQuery { Limit = 100, Status = StatusFilter.Unread, Group = "even" });
        Assert.Empty(left);
    }

    [Fact]
    public async Task What_was_deleted_at_once_leaves_the_log_or_stays_hidden()
    {
        var host = await Start(new InboxOptions { Retention = new RetentionOptions { MaxCount = 5_000 } });
        var inbox = host.Inbox("ann");
        await Task.WhenAll(Enumerable.Range(0, 2_200).Select(i => inbox.Append(New($"{i}"))));
        var head = (await inbox.Counts()).Head!.Value;
        await inbox.Watch("front-end");
        var version = (await inbox.Counts()).Version;
        Assert.Equal(100, (await inbox.Mark(new MarkRequest { Action = MarkAction.Delete, UpTo = new(head.Epoch, 2_100) })).Total);
        Assert.Equal(3, (await inbox.Counts()).Version - version); // three events
        Assert.Equal(2_101, (await host.Log.Real.Read(InboxKey.Of(InboxKey.DefaultTenant, "ann"), head.Epoch, 1, head.Seq, 1, newestFirst: false))[0].Seq);

        host.Log.BeforeDelete = () => throw new StorageUnavailableException("away");
        Assert.Equal(0, (await inbox.Mark(new MarkRequest { Action = MarkAction.Delete, All = true })).Total);
        Assert.Empty(await Titles(inbox, new ListQuery { Status = StatusFilter.All }));
    }
}
