namespace OrleansInbox.Tests.ClientApi.Live;

/// <summary>What the messenger may do, and what the reader sees all the same.</summary>
public sealed class DeliveryTests
{
    [Fact]
    public async Task Ready_comes_first_then_what_happens()
    {
        await using var house = await FrontEndFixture.Open();
        house.Ann.Append(quietly: true);
        var reader = house.Connect();
        var ready = await reader.Next("ready");
        Assert.Equal(house.Ann.Head.ToString(), ready.Id);
        Assert.Equal($"{{\"counts\":{{\"unread\":1,\"unseen\":0,\"total\":1,\"head\":\"{house.Ann.Head}\",\"version\":0}},\"resumed\":true}}", ready.Data);
        await reader.Added(house.Ann.Append(), house.Ann.Append());
        house.Ann.Mark();
        Assert.Equal("{\"action\":\"read\",\"version\":1}", (await reader.Next("marked")).Data);
        house.Ann.Mark(kind: InboxEventKind.Removed);
        await reader.Next("removed");
        Assert.Equal("text/event-stream", reader.Http.Response.ContentType);
        Assert.Equal("no-store", reader.Http.Response.Headers.CacheControl);
        Assert.Equal("no", reader.Http.Response.Headers["X-Accel-Buffering"]);
        Assert.Equal(0, house.Ann.ReadBacks);
    }

    [Fact]
    public async Task The_first_notification_of_an_inbox_is_not_a_gap()
    {
        await using var house = await FrontEndFixture.Open();
        var reader = house.Connect();
        Assert.Equal("0-0", (await reader.Next("ready")).Id);
        await reader.Added(house.Ann.Append());
        Assert.Equal(0, house.Ann.ReadBacks);
    }

    [Fact]
    public async Task A_gap_is_read_back()
    {
        await using var house = await FrontEndFixture.Open();
        var reader = await house.Ready();
        var lost = house.Ann.Append(quietly: true);
        await reader.Added(lost, house.Ann.Append());
        Assert.Equal(1, house.Ann.ReadBacks);
        await reader.Added(house.Ann.Append());
        Assert.Equal(1, house.Ann.ReadBacks);
    }

    [Fact]
    public async Task A_big_gap_is_read_back_in_pages()
    {
        await using var house = await FrontEndFixture.Open();
        var reader = await house.Ready();
        var lost = Enumerable.Range(0, 1_000).Select(_ => house.Ann.Append(quietly: true)).ToArray();
        house.Ann.Append();
        await reader.Added(lost);
    }

    [Fact]
    public async Task Doubled_and_reordered_events_come_once_and_in_order()
    {
        await using var house = await FrontEndFixture.Open();
        var reader = await house.Ready();
        var events = Enumerable.Range(0, 4).Select(_ => house.Ann.Append(quietly: true)).ToArray();
        house.Mailbox.Send(events[0], events[0], events[2], events[1], events[3], events[2]);
        await reader.Added(events);
        await reader.Added(house.Ann.Append());
    }

    [Fact]
    public async Task A_missed_mark_is_read_back_and_a_doubled_one_dropped()
    {
        await using var house = await FrontEndFixture.Open();
        var reader = await house.Ready();
        house.Mailbox.Send(house.Ann.Mark(), house.Ann.Mark(quietly: true));
        house.Ann.Mark(quietly: true);
        house.Mailbox.Send(house.Ann.Mark());
        foreach (var version in new[] { 1, 2, 3, 4 }) Assert.Contains($"\"version\":{version}", (await reader.Next("marked")).Data, StringComparison.Ordinal);
        await reader.Added(house.Ann.Append());
    }

    [Fact]
    public async Task Marks_that_the_grain_forgot_mean_reload()
    {
        await using var house = await FrontEndFixture.Open();
        var reader = await house.Ready();
        house.Ann.Mark(quietly: true);
        var last = house.Ann.Mark(quietly: true);
        house.Ann.ForgetChanges();
        house.Mailbox.Send(last);
        Assert.Equal("{}", (await reader.Next("reset")).Data);
        house.Ann.Mark();
        await reader.Next("marked");
    }

    [Fact]
    public async Task A_full_lane_makes_us_look()
    {
        await using var house = await FrontEndFixture.Open();
        var reader = await house.Ready();
        var lost = house.Ann.Append(quietly: true);
        house.Mailbox.Send(new InboxEvents { Events = [], Missed = ["default/ann", "default/stranger"] });
        await reader.Added(lost, house.Ann.Append());
    }

    [Fact]
    public async Task An_inbox_that_moved_is_watched_again_at_once()
    {
        await using var house = await FrontEndFixture.Open();
        var reader = await house.Ready();
        var lost = house.Ann.Append(quietly: true);
        house.Mailbox.Send(new InboxEvent { Inbox = "default/ann", Kind = InboxEventKind.Moved });
        await reader.Added(lost);
        Assert.Equal(2, house.Ann.Watches);
    }

    [Fact]
    public async Task Inboxes_whose_silo_hangs_do_not_hold_up_one_that_moved()
    {
        await using var house = await FrontEndFixture.Open();
        var reader = await house.Ready();
        var hung = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var others = Enumerable.Range(0, 500).Select(n => house.Connect(inbox: $"default/{n}")).ToList();
        foreach (var other in others) await other.Next("ready");
        for (var n = 0; n < others.Count; n++) house.Inbox($"default/{n}").HungWatches = hung;
        house.Mailbox.Send([.. Enumerable.Range(0, others.Count).Select(n => new InboxEvent { Inbox = $"default/{n}", Kind = InboxEventKind.Moved })]);
        var lost = house.Ann.Append(quietly: true);
        house.Mailbox.Send(new InboxEvent { Inbox = "default/ann", Kind = InboxEventKind.Moved });
        await reader.Added(lost);
        hung.SetResult();
    }

    [Fact]
    public async Task After_an_erase_the_client_reloads_and_the_new_epoch_goes_on()
    {
        await using var house = await FrontEndFixture.Open();
        house.Ann.Append(3);
        var reader = await house.Ready();
        house.Ann.Erase();
        await reader.Next("reset");
        await reader.Added(house.Ann.Append(), house.Ann.Append());
    }

    [Fact]
    public async Task An_erase_that_got_lost_is_seen_by_the_new_epoch()
    {
        await using var house = await FrontEndFixture.Open();
        house.Ann.Append(3);
        var reader = await house.Ready();
        house.Ann.Erase(quietly: true);
        var first = house.Ann.Append();
        await reader.Next("reset");
        await reader.Added(first, house.Ann.Append());
    }

    [Fact]
    public async Task What_happens_while_the_first_watch_is_under_way_is_not_lost()
    {
        await using var house = await FrontEndFixture.Open();
        InboxEvent[] meanwhile = [];
        house.Ann.AfterWatch = () =>
        {
            house.Ann.AfterWatch = null;
            meanwhile = [house.Ann.Append(), house.Ann.Append()];
        };
        var reader = house.Connect();
        Assert.Equal("0-0", (await reader.Next("ready")).Id);
        await reader.Added(meanwhile);
        await reader.Added(house.Ann.Append());
    }

    [Fact]
    public async Task While_storage_is_away_the_stream_stays_open_and_ready_comes_late()
    {
        await using var house = await FrontEndFixture.Open();
        house.Ann.Failure = new StorageUnavailableException();
        var reader = house.Connect();
        await house.Time.TimerWithin(TimeSpan.FromMilliseconds(250));
        house.Time.Advance(house.Options.Heartbeat);
        Assert.Equal(":", await reader.Block("a heartbeat"));
        house.Ann.Failure = null;
        house.Time.Advance(house.Options.Heartbeat);
        await reader.Next("ready");
        await reader.Added(house.Ann.Append());
    }
}
