namespace OrleansInbox.Tests.Grains.Inboxes;

[Collection(RedisInboxes.Name)]
public sealed class ReadsOnRedis(RedisInboxes inboxes) : ReadTests(inboxes);

[Collection(SqliteInboxes.Name)]
public sealed class ReadsOnSqlite(SqliteInboxes inboxes) : ReadTests(inboxes);

/// <summary>Pages, replays and what an activation reads.</summary>
public abstract class ReadTests(InboxFixture inboxes) : InboxGrainTests(inboxes)
{
    [Fact]
    public async Task An_activation_costs_one_look_at_the_log_however_large_the_inbox()
    {
        var host = await Start(new InboxOptions { Retention = new RetentionOptions { MaxCount = 100_000 } });
        var inbox = host.Inbox(User);
        for (var i = 0; i < 10; i++) await Task.WhenAll(Enumerable.Range(0, 500).Select(n => inbox.Append(New($"{n}"))));
        await inbox.Mark(new MarkRequest { Action = MarkAction.Read, UpTo = new((await inbox.Counts()).Head!.Value.Epoch, 4_000) });
        await Stop(host);
        host = await Start(new InboxOptions { Retention = new RetentionOptions { MaxCount = 100_000 } });
        var counts = await host.Inbox(User).Counts();
        Assert.Equal((1_000L, 5_000L), (counts.Unread, counts.Total));
        Assert.Equal((1, 0), (host.Log.Opens, host.Log.Reads)); // and the runtime's read of the marks
    }

    [Fact]
    public async Task Pages_to_older_and_newer_cover_everything_once()
    {
        var inbox = Inbox;
        for (var i = 0; i < 95; i++) await inbox.Append(New($"{i}", group: i % 3 == 0 ? "g" : null));
        var older = new List<string>();
        NotificationId? before = null;
        do
        {
            var query = new ListQuery { Limit = 10, Before = before };
            older.AddRange(await Titles(inbox, query));
            before = (await inbox.List(query)).Next;
            await inbox.Append(New("late"));
        }
        while (before is not null);
        Assert.Equal(Enumerable.Range(0, 95).Reverse().Select(i => $"{i}"), older);
        var newer = new List<string>();
        NotificationId? after = new((await inbox.Counts()).Head!.Value.Epoch, 0);
        while (after is not null)
        {
            var query = new ListQuery { Limit = 7, After = after, Group = "g" };
            newer.InsertRange(0, await Titles(inbox, query));
            after = (await inbox.List(query)).Next;
        }
        Assert.Equal(Enumerable.Range(0, 95).Where(i => i % 3 == 0).Reverse().Select(i => $"{i}"), newer);
    }

    [Fact]
    public async Task Reading_back_gives_what_came_after_a_place_and_the_marks_while_watched()
    {
        var inbox = Inbox;
        var first = await inbox.Append(New("1"));
        await inbox.Mark(new MarkRequest { Action = MarkAction.Seen, All = true });
        var watched = await inbox.Watch("front-end");
        Assert.Equal(first.Id, watched.Head);
        await inbox.Append(New("2"));
        await inbox.Mark(new MarkRequest { Action = MarkAction.Read, Ids = [first.Id] });
        await inbox.Append(New("3"));
        var page = await inbox.Replay(first.Id, watched.MarksVersion, 1);
        Assert.True(page.More);
        Assert.Equal(2, Assert.Single(page.Events).Id.Seq);
        var rest = await inbox.Replay(page.Events[0].Id, watched.MarksVersion, 10);
        Assert.Equal([InboxEventKind.Added, InboxEventKind.Marked], rest.Events.Select(e => e.Kind));
        Assert.False(rest.More);
        Assert.False(rest.MarksLost);
        Assert.Equal(watched.MarksVersion + 1, rest.Now.MarksVersion);
        Assert.True((await inbox.Replay(first.Id, watched.MarksVersion - 1, 10)).MarksLost);
    }
}
