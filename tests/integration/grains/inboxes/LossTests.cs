namespace OrleansInbox.Tests.Grains.Inboxes;

[Collection(RedisInboxes.Name)]
public sealed class LossesOnRedis(RedisInboxes inboxes) : LossTests(inboxes);

[Collection(SqliteInboxes.Name)]
public sealed class LossesOnSqlite(SqliteInboxes inboxes) : LossTests(inboxes);

/// <summary>Entries that leave the log behind the inbox's back: counts are what the lists show.</summary>
public abstract class LossTests(InboxFixture inboxes) : InboxGrainTests(inboxes)
{
    [Theory]
    [InlineData(13, 17)] // the end, as with an older replica
    [InlineData(1, 1)]
    [InlineData(6, 9)]
    [InlineData(1, 17)]
    public async Task Once_all_that_is_listed_is_read_nothing_is_unread(int from, int to)
    {
        var inbox = Inbox;
        for (var i = 1; i <= 17; i++) await inbox.Append(New($"{i}"));
        var head = (await inbox.Counts()).Head!.Value;
        await Lose(head, from, to);
        var listed = await Titles(inbox);
        Assert.Equal(Enumerable.Range(1, 17).Where(i => i < from || i > to).Reverse().Select(i => $"{i}"), listed);
        Assert.Equal((listed.Length, listed.Length), await UnreadAndTotal());
        await inbox.Mark(new MarkRequest { Action = MarkAction.Read, Ids = [.. listed.Select(title => head with { Seq = long.Parse(title) })] });
        Assert.Equal((0, listed.Length), await UnreadAndTotal());
        Assert.Empty(await Titles(inbox, new ListQuery { Status = StatusFilter.Unread }));

        Assert.Equal(18, (await inbox.Append(New("18"))).Id.Seq);
        Assert.Equal((1, listed.Length + 1), await UnreadAndTotal());
        Assert.Equal((string[])["18", .. listed], await Titles(inbox));

        async Task<(long, long)> UnreadAndTotal() => await inbox.Counts() is var counts ? (counts.Unread, counts.Total) : default;
    }

    [Fact]
    public async Task A_page_that_finds_less_than_there_should_be_has_the_counts_of_what_is_there()
    {
        var inbox = Inbox;
        for (var i = 1; i <= 300; i++) await inbox.Append(New($"{i}"));
        var head = (await inbox.Counts()).Head!.Value;
        var watched = await inbox.Watch("front-end");
        await Lose(head, 41, 60);
        var page = await inbox.List(new ListQuery { Before = head with { Seq = 100 }, Limit = 50 });
        Assert.Contains("\"counts\":{\"unread\":280,\"unseen\":280,\"total\":280,", System.Text.Encoding.UTF8.GetString(page.Json), StringComparison.Ordinal);
        Assert.Equal(50, page.Items);
        var events = (await inbox.Replay(head, watched.MarksVersion, 10)).Events; // live clients are told
        Assert.NotEmpty(events);
        Assert.All(events, removed => Assert.Equal(InboxEventKind.Removed, removed.Kind));
        Assert.Equal(280, (await inbox.CountsOf(["test"])).Total);
    }

    [Fact]
    public async Task A_single_one_that_is_not_there_does_not_count()
    {
        var inbox = Inbox;
        for (var i = 1; i <= 40; i++) await inbox.Append(New($"{i}"));
        var head = (await inbox.Counts()).Head!.Value;
        await Lose(head, 3, 3);
        Assert.Null((await inbox.Get(head with { Seq = 3 })).Json);
        Assert.Equal(39, (await inbox.Counts()).Unread);
    }

    /// <summary>What another process does to the log, or its restore.</summary>
    private Task Lose(NotificationId head, int from, int to) =>
        Log.Real.Delete(InboxKey.Of(InboxKey.DefaultTenant, User), head.Epoch, [.. Enumerable.Range(from, to - from + 1).Select(seq => (long)seq)]);
}
