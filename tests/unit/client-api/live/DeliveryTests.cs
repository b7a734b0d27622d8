namespace OrleansInbox.Tests.ClientApi.Live;

/// <summary>What may happen to events on their way, and what the reader sees all the same.</summary>
public sealed class DeliveryTests
{
    [Fact]
    public async Task Ready_comes_first_then_what_happens()
    {
        await using var frontEnd = await FrontEndFixture.Open();
        frontEnd.Ann.Append(quietly: true);
        var reader = frontEnd.Connect();
        var ready = await reader.Next("ready");
        Assert.Equal(frontEnd.Ann.Head.ToString(), ready.Id);
        Assert.Equal($"{{\"counts\":{{\"unread\":1,\"unseen\":0,\"total\":1,\"head\":\"{frontEnd.Ann.Head}\",\"version\":0}},\"resumed\":true}}", ready.Data);
        await reader.Added(frontEnd.Ann.Append(), frontEnd.Ann.Append());
        frontEnd.Ann.Mark();
        Assert.Equal("{\"action\":\"read\",\"version\":1}", (await reader.Next("marked")).Data);
        frontEnd.Ann.Mark(kind: InboxEventKind.Removed);
        await reader.Next("removed");
        Assert.Equal("text/event-stream", reader.Http.Response.ContentType);
        Assert.Equal("no-store", reader.Http.Response.Headers.CacheControl);
        Assert.Equal("no", reader.Http.Response.Headers["X-Accel-Buffering"]);
        Assert.Equal(0, frontEnd.Ann.ReadBacks);
    }

    [Fact]
    public async Task The_first_notification_of_an_inbox_is_not_a_gap()
    {
        await using var frontEnd = await FrontEndFixture.Open();
        var reader = frontEnd.Connect();
        Assert.Equal("0-0", (await reader.Next("ready")).Id);
        await reader.Added(frontEnd.Ann.Append());
        Assert.Equal(0, frontEnd.Ann.ReadBacks);
    }

    [Fact]
    public async Task A_gap_is_read_back()
    {
        await using var frontEnd = await FrontEndFixture.Open();
        var reader = await frontEnd.Ready();
        var lost = frontEnd.Ann.Append(quietly: true);
        await reader.Added(lost, frontEnd.Ann.Append());
        Assert.Equal(1, frontEnd.Ann.ReadBacks);
        await reader.Added(frontEnd.Ann.Append());
        Assert.Equal(1, frontEnd.Ann.ReadBacks);
    }

    [Fact]
    public async Task A_big_gap_is_read_back_in_pages()
    {
        await using var frontEnd = await FrontEndFixture.Open();
        var reader = await frontEnd.Ready();
        var lost = Enumerable.Range(0, 1_000).Select(_ => frontEnd.Ann.Append(quietly: true)).ToArray();
        frontEnd.Ann.Append();
        await reader.Added(lost);
    }

    [Fact]
    public async Task Doubled_and_reordered_events_come_once_and_in_order()
    {
        await using var frontEnd = await FrontEndFixture.Open();
        var reader = await frontEnd.Ready();
        var events = Enumerable.Range(0, 4).Select(_ => frontEnd.Ann.Append(quietly: true)).ToArray();
        frontEnd.Consumer.Send(events[0], events[0], events[2], events[1], events[3], events[2]);
        await reader.Added(events);
        await reader.Added(frontEnd.Ann.Append());
    }

    [Fact]
    public async Task A_missed_mark_is_read_back_and_a_doubled_one_dropped()
    {
        await using var frontEnd = await FrontEndFixture.Open();
        var reader = await frontEnd.Ready();
        frontEnd.Consumer.Send(frontEnd.Ann.Mark(), frontEnd.Ann.Mark(quietly: true));
        frontEnd.Ann.Mark(quietly: true);
        frontEnd.Consumer.Send(frontEnd.Ann.Mark());
        foreach (var version in new[] { 1, 2, 3, 4 }) Assert.Contains($"\"version\":{version}", (await reader.Next("marked")).Data, StringComparison.Ordinal);
        await reader.Added(frontEnd.Ann.Append());
    }

    [Fact]
    public async Task Marks_that_the_grain_forgot_mean_reload()
    {
        await using var frontEnd = await FrontEndFixture.Open();
        var reader = await frontEnd.Ready();
        frontEnd.Ann.Mark(quietly: true);
        var last = frontEnd.Ann.Mark(quietly: true);
        frontEnd.Ann.ForgetChanges();
        frontEnd.Consumer.Send(last);
        Assert.Equal("{}", (await reader.Next("reset")).Data);
        frontEnd.Ann.Mark();
        await reader.Next("marked");
    }

    [Fact]
    public async Task A_full_queue_makes_us_look()
    {
        await using var frontEnd = await FrontEndFixture.Open();
        var reader = await frontEnd.Ready();
        var lost = frontEnd.Ann.Append(quietly: true);
        frontEnd.Consumer.Send(new InboxEvents { Events = [], Missed = ["default/ann", "default/stranger"] });
        await reader.Added(lost, frontEnd.Ann.Append());
    }

    [Fact]
    public async Task An_inbox_that_moved_is_watched_again_at_once()
    {
        await using var frontEnd = await FrontEndFixture.Open();
        var reader = await frontEnd.Ready();
        var lost = frontEnd.Ann.Append(quietly: true);
        frontEnd.Consumer.Send(new InboxEvent { Inbox = "default/ann", Kind = InboxEventKind.Moved });
        await reader.Added(lost);
        Assert.Equal(2, frontEnd.Ann.Watches);
    }

    [Fact]
    public async Task After_an_erase_the_client_reloads_and_the_new_epoch_goes_on()
    {
        await using var frontEnd = await FrontEndFixture.Open();
        frontEnd.Ann.Append(3);
        var reader = await frontEnd.Ready();
        frontEnd.Ann.Erase();
        await reader.Next("reset");
        await reader.Added(frontEnd.Ann.Append(), frontEnd.Ann.Append());
    }

    [Fact]
    public async Task An_erase_that_got_lost_is_seen_by_the_new_epoch()
    {
        await using var frontEnd = await FrontEndFixture.Open();
        frontEnd.Ann.Append(3);
        var reader = await frontEnd.Ready();
        frontEnd.Ann.Erase(quietly: true);
        var first = frontEnd.Ann.Append();
        await reader.Next("reset");
        await reader.Added(first, frontEnd.Ann.Append());
    }

    [Fact]
    public async Task What_happens_while_the_first_watch_is_under_way_is_not_lost()
    {
        await using var frontEnd = await FrontEndFixture.Open();
        InboxEvent[] meanwhile = [];
        frontEnd.Ann.AfterWatch = () =>
        {
            frontEnd.Ann.AfterWatch = null;
            meanwhile = [frontEnd.Ann.Append(), frontEnd.Ann.Append()];
        };
        var reader = frontEnd.Connect();
        Assert.Equal("0-0", (await reader.Next("ready")).Id);
        await reader.Added(meanwhile);
        await reader.Added(frontEnd.Ann.Append());
    }

    [Fact]
    public async Task While_storage_is_away_the_stream_stays_open_and_ready_comes_late()
    {
        await using var frontEnd = await FrontEndFixture.Open();
        frontEnd.Ann.Failure = new StorageUnavailableException();
        var reader = frontEnd.Connect();
        await frontEnd.Time.TimerWithin(TimeSpan.FromMilliseconds(250));
        frontEnd.Time.Advance(frontEnd.Options.Heartbeat);
        Assert.Equal(":", await reader.Block("a heartbeat"));
        frontEnd.Ann.Failure = null;
        frontEnd.Time.Advance(frontEnd.Options.Heartbeat);
        await reader.Next("ready");
        await reader.Added(frontEnd.Ann.Append());
    }
}
