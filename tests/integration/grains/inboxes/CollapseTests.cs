using OrleansInbox.Storage;

namespace OrleansInbox.Tests.Grains.Inboxes;

[Collection(RedisInboxes.Name)]
public sealed class CollapseOnRedis(RedisInboxes inboxes) : CollapseTests(inboxes);

[Collection(SqliteInboxes.Name)]
public sealed class CollapseOnSqlite(SqliteInboxes inboxes) : CollapseTests(inboxes);

/// <summary>An inbox holds one notification of a collapse key at most, whatever becomes of the writes.</summary>
public abstract class CollapseTests(InboxFixture inboxes) : InboxGrainTests(inboxes)
{
    [Fact]
    public async Task The_new_one_takes_the_place_of_the_old_one_on_top_and_unread()
    {
        var inbox = Inbox;
        var first = await inbox.Append(About("order", "packed"));
        await inbox.Append(New("other"));
        await inbox.Mark(new MarkRequest { Action = MarkAction.Archive, All = true });
        var second = await inbox.Append(About("order", "sent"));
        Assert.Equal(3, second.Id.Seq);
        Assert.Equal(["sent", "other"], await Titles(inbox, new ListQuery { Status = StatusFilter.All }));
        Assert.Null((await inbox.Get(first.Id)).Json);
        var counts = await inbox.Counts();
        Assert.Equal((1L, 1L, 2L), (counts.Unread, counts.Unseen, counts.Total));
        await Restart();
        Assert.Equal(counts, await Inbox.Counts() with { Version = counts.Version });
        Assert.Equal(["sent", "other"], await Titles(Inbox, new ListQuery { Status = StatusFilter.All }));
    }

    [Fact]
    public async Task Many_at_once_leave_one_and_readers_never_see_two()
    {
        var inbox = Inbox;
        var appends = Enumerable.Range(0, 60).Select(i => inbox.Append(About($"k{i % 3}", $"{i}"))).ToList();
        while (!appends.TrueForAll(append => append.IsCompleted))
        {
            var titles = (await Titles(inbox)).Select(int.Parse).ToList();
            Assert.Equal(titles.Count, titles.Select(title => title % 3).Distinct().Count());
        }
        var ids = (await Task.WhenAll(appends)).Select((append, i) => (append.Id.Seq, Title: i)).ToList();
        Assert.Equal(60, ids.DistinctBy(id => id.Seq).Count());
        var newest = ids.GroupBy(id => id.Title % 3).Select(key => key.Max()).OrderDescending(); // calls side by side come in any order
        Assert.Equal(newest.Select(id => $"{id.Title}"), await Titles(inbox));
        Assert.Equal((3L, 3L), ((await inbox.Counts()).Unread, (await inbox.Counts()).Total));
    }

    [Fact]
    public async Task A_process_that_dies_between_append_and_marks_leaves_one()
    {
        var first = await Inbox.Append(About("order", "packed"));
        await Inbox.Append(New("other"));
        await AppendAndDie(Log, first.Id.Epoch, head: 2, About("order", "sent"));
        await Restart();
        var counts = await Inbox.Counts();
        Assert.Equal((2L, 2L), (counts.Unread, counts.Total));
        Assert.Equal(["sent", "other"], await Titles(Inbox));
        Assert.Equal([2, 3], (await Log.Read(Key, first.Id.Epoch, 1, 10, 10, newestFirst: false)).Select(entry => entry.Seq));
    }

    [Fact]
    public async Task A_publish_is_answered_although_the_old_one_could_not_be_removed_yet()
    {
        await Inbox.Append(About("order", "packed"));
        Log.BeforeDelete = () => throw new InvalidOperationException("an unforeseen one");
        Assert.Equal(2, (await Inbox.Append(About("order", "sent"))).Id.Seq);
        Log.BeforeDelete = null;
        Assert.Equal(["sent"], await Titles(Inbox));
        Assert.Equal(1, (await Inbox.Counts()).Total);
    }

    [Fact]
    public async Task A_full_inbox_loses_none_of_the_others_to_it()
    {
        var options = new InboxOptions { Retention = new RetentionOptions { MaxCount = 4 } };
        var host = await Start(options);
        for (var i = 1; i <= 3; i++) await host.Inbox(User).Append(New($"{i}"));
        for (var i = 0; i < 5; i++) await host.Inbox(User).Append(About("weather", $"w{i}"));
        Assert.Equal(["w4", "3", "2", "1"], await Titles(host.Inbox(User)));
        await AppendAndDie(host.Log, (await host.Inbox(User).Counts()).Head!.Value.Epoch, head: 8, About("weather", "w5"));
        await Stop(host);
        Assert.Equal(["w5", "3", "2", "1"], await Titles((await Start(options)).Inbox(User)));
    }

    [Fact]
    public async Task It_is_marked_and_retracted_by_its_key()
    {
        var inbox = Inbox;
        await inbox.Mark(new MarkRequest { Action = MarkAction.Read, CollapseKey = "order" }); // there is no inbox yet
        await inbox.Retract("order");
        await inbox.Append(About("order", "packed"));
        await inbox.Append(About("order", "sent"));
        await inbox.Append(New("other"));
        Assert.Equal(1, (await inbox.Mark(new MarkRequest { Action = MarkAction.Read, CollapseKey = "order" })).Unread);
        Assert.Equal(1, (await inbox.Mark(new MarkRequest { Action = MarkAction.Read, CollapseKey = "none" })).Unread);
        Assert.Equal(["sent"], await Titles(inbox, new ListQuery { Status = StatusFilter.Read }));
        await Restart();
        inbox = Inbox;
        for (var i = 0; i < 2; i++) await inbox.Retract("order");
        Assert.Equal(["other"], await Titles(inbox));
        await inbox.Append(About("order", "again"));
        Assert.Equal(["again", "other"], await Titles(inbox));
    }

    private string Key => InboxKey.Of(InboxKey.DefaultTenant, User);

    /// <summary>What a process has done that was killed before it wrote the marks.</summary>
    private async Task AppendAndDie(FlawedLog log, long epoch, long head, NewNotification notification)
    {
        var now = DateTimeOffset.UtcNow;
        await log.Append(Key, new(epoch, head, 1, "dead", [new NewLogEntry(NotificationJson.Render(notification, now), now, CollapseKey: notification.CollapseKey)]));
    }

    private static NewNotification About(string collapseKey, string title) => New(title) with { CollapseKey = collapseKey };
}
