using OrleansInbox.ClientApi.Live;

namespace OrleansInbox.Tests.ClientApi.Live;

/// <summary>Bounds, heartbeats, leases, the probe, the end.</summary>
public sealed class LimitsTests
{
    [Fact]
    public async Task A_renewal_finds_a_lost_last_event_and_a_lost_mark()
    {
        await using var house = await FrontEndFixture.Open();
        var reader = await house.Ready();
        var lost = house.Ann.Append(quietly: true);
        house.Time.Advance(house.Options.Renew);
        await reader.Added(lost);
        house.Ann.Mark(quietly: true);
        house.Time.Advance(house.Options.Renew);
        await reader.Next("marked");
        await reader.Added(house.Ann.Append());
    }

    [Fact]
    public async Task A_probe_that_does_not_come_back_makes_us_look_and_two_subscribe_again()
    {
        await using var house = await FrontEndFixture.Open(new LiveOptions { Probe = TimeSpan.FromSeconds(1) });
        var reader = await house.Ready();
        house.Time.Advance(house.Options.Probe);
        Assert.Equal(1, house.Mailbox.Opened);
        house.Mailbox.IsDead = true;
        var lost = house.Ann.Append();
        house.Time.Advance(2 * house.Options.Probe); // the first of them is sent into silence
        await reader.Added(lost);
        var alsoLost = house.Ann.Append();
        house.Time.Advance(house.Options.Probe);
        Assert.Equal(2, house.Mailbox.Opened);
        await reader.Added(alsoLost, house.Ann.Append());
    }

    [Fact]
    public async Task A_reader_that_is_too_slow_is_cut_off_and_resumes()
    {
        await using var house = await FrontEndFixture.Open();
        var slow = house.Connect(bufferBytes: 256);
        await slow.Next("ready");
        var quick = await house.Ready();
        var events = new List<InboxEvent>();
        while (!slow.WasCutOff)
        {
            events.Add(house.Ann.Append());
            await quick.Added(events[^1]);
            Assert.True(events.Count < 1_000, "The slow reader was never cut off.");
        }
        Assert.True(events.Count > house.Options.QueuePerConnection);
        await slow.Served;
        var resumed = house.Connect(events[9].Id);
        await resumed.Added([.. events[10..]]);
        await resumed.Next("ready");
    }

    [Fact]
    public async Task A_reader_that_does_not_read_for_too_long_is_cut_off_and_resumes()
    {
        await using var house = await FrontEndFixture.Open(new LiveOptions { FlushTimeout = TimeSpan.FromSeconds(3) });
        var stuck = house.Connect(bufferBytes: 256);
        await stuck.Next("ready");
        var events = Enumerable.Range(0, 10).Select(_ => house.Ann.Append()).ToArray();
        await house.Time.TimerWithin(house.Options.FlushTimeout);
        house.Time.Advance(house.Options.FlushTimeout - TimeSpan.FromMilliseconds(1));
        Assert.False(stuck.WasCutOff);
        house.Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.True(stuck.WasCutOff);
        await stuck.Served;
        var resumed = house.Connect(events[0].Id);
        await resumed.Added(events[1..]);
    }

    [Fact]
    public async Task A_reader_that_stops_in_the_middle_of_a_replay_is_cut_off()
    {
        await using var house = await FrontEndFixture.Open();
        var events = Enumerable.Range(0, 60).Select(_ => house.Ann.Append(bodyLength: 10_000)).ToArray();
        var stuck = house.Connect(events[0].Id, bufferBytes: 256);
        await house.Time.TimerWithin(house.Options.FlushTimeout);
        house.Time.Advance(house.Options.FlushTimeout);
        Assert.True(stuck.WasCutOff);
        await stuck.Served;
        Assert.InRange(await stuck.Rest(), 1, 50_000); // unflushed bytes are bounded
        await house.Connect(events[0].Id).Added(events[1..]);
    }

    [Fact]
    public async Task A_reader_that_reads_within_the_time_is_not_cut_off()
    {
        await using var house = await FrontEndFixture.Open(new LiveOptions { FlushTimeout = TimeSpan.FromSeconds(3) });
        var slow = house.Connect(bufferBytes: 256);
        await slow.Next("ready");
        for (var i = 0; i < 5; i++)
        {
            var events = Enumerable.Range(0, 10).Select(_ => house.Ann.Append()).ToArray();
            await house.Time.TimerWithin(house.Options.FlushTimeout);
            house.Time.Advance(house.Options.FlushTimeout - TimeSpan.FromMilliseconds(1));
            await slow.Added(events);
            await slow.Added(house.Ann.Append()); // the flush before it has ended
        }
        Assert.False(slow.WasCutOff);
    }

    [Fact]
    public async Task Bytes_that_wait_are_bounded_as_events_are()
    {
        await using var house = await FrontEndFixture.Open(new LiveOptions { QueuedBytesPerUser = 100_000 });
        var slow = house.Connect(bufferBytes: 256);
        await slow.Next("ready");
        var quick = await house.Ready();
        var events = new List<InboxEvent>();
        while (!slow.WasCutOff)
        {
            events.Add(house.Ann.Append(bodyLength: 10_000));
            await quick.Added(events[^1]);
            Assert.True(events.Count <= 9 + 4, "More than the queue and one flush was taken for the slow reader.");
        }
        Assert.True(events.Count > 9, "The queue was not used.");
        await slow.Served;
        var whole = house.Ann.Append(bodyLength: 200_000); // more than the limit: a single event always fits
        await quick.Added(whole);
        await house.Connect(events[0].Id).Added([.. events[1..], whole]);
    }

    [Fact]
    public async Task One_connection_too_many_is_refused_until_one_leaves()
    {
        await using var house = await FrontEndFixture.Open(new LiveOptions { ConnectionsPerUser = 2 });
        var first = await house.Ready();
        await house.Ready();
        var third = house.Connect();
        await Assert.ThrowsAsync<TooManyConnectionsException>(() => third.Served);
        await Assert.ThrowsAsync<TooManyConnectionsException>(() => house.Live.WaitForNewer("default/ann", default, TimeSpan.FromSeconds(1), until: null, default));
        first.Leave();
        await first.Served;
        await house.Ready();
    }

    [Fact]
    public async Task A_comment_comes_with_every_heartbeat()
    {
        await using var house = await FrontEndFixture.Open();
        var reader = await house.Ready();
        for (var beat = 0; beat < 3; beat++)
        {
            house.Time.Advance(house.Options.Heartbeat);
            Assert.Equal(":", await reader.Block("a heartbeat"));
        }
    }

    [Fact]
    public async Task At_shutdown_each_stream_ends_with_a_retry()
    {
        await using var house = await FrontEndFixture.Open();
        var reader = await house.Ready();
        var last = house.Ann.Append();
        house.Stop();
        await reader.Added(last);
        var retry = await reader.Block("retry");
        Assert.InRange(int.Parse(retry["retry: ".Length..], System.Globalization.CultureInfo.InvariantCulture), 1_000, 5_000);
        Assert.Equal("", await reader.Block("the end"));
        await reader.Served;
        var late = house.Connect();
        Assert.StartsWith("retry: ", await late.Block("retry"), StringComparison.Ordinal);
        await late.Served;
    }

    [Theory]
    [InlineData(1), InlineData(40), InlineData(3_600)]
    public async Task A_stream_ends_with_its_callers_credentials(int seconds)
    {
        await using var house = await FrontEndFixture.Open();
        var reader = house.Connect(until: house.Time.GetUtcNow() + TimeSpan.FromSeconds(seconds));
        var other = await house.Ready();
        await reader.Next("ready");
        house.Time.Advance(TimeSpan.FromSeconds(seconds) - TimeSpan.FromMilliseconds(1));
        await reader.Added(house.Ann.Append());
        var last = house.Ann.Append();
        house.Time.Advance(TimeSpan.FromMilliseconds(1));
        await reader.Added(last);
        var retry = await reader.Next("retry");
        Assert.InRange(int.Parse(retry.Data, System.Globalization.CultureInfo.InvariantCulture), 1_000, 5_000);
        Assert.Equal("", await reader.Block("the end"));
        await reader.Served;
        Assert.False(reader.WasCutOff);
        await other.Next("added");
        await other.Added(last, house.Ann.Append());
    }

    [Fact]
    public async Task A_stream_whose_callers_credentials_have_expired_ends_at_once()
    {
        await using var house = await FrontEndFixture.Open();
        var reader = house.Connect(until: house.Time.GetUtcNow());
        Assert.Equal("retry", (await reader.Next()).Kind);
        await reader.Served;
    }

    [Fact]
    public async Task A_long_poll_answers_when_its_callers_credentials_expire()
    {
        await using var house = await FrontEndFixture.Open();
        var poll = house.Live.WaitForNewer("default/ann", default, TimeSpan.FromSeconds(25), house.Time.GetUtcNow() + TimeSpan.FromSeconds(10), default);
        await house.Time.TimerWithin(TimeSpan.FromSeconds(10));
        house.Time.Advance(TimeSpan.FromSeconds(10));
        Assert.False(await poll);
    }

    [Fact]
    public async Task An_inbox_that_nobody_reads_any_more_is_let_go()
    {
        await using var house = await FrontEndFixture.Open();
        var reader = await house.Ready();
        reader.Leave();
        await reader.Served;
        Assert.True(house.Ann.IsWatched);
        var letGo = house.Ann.Unwatched;
        house.Time.Advance(house.Options.Renew);
        await letGo.WaitAsync(TimeSpan.FromSeconds(20));
        var next = await house.Ready();
        await next.Added(house.Ann.Append());
        Assert.True(house.Ann.IsWatched);
    }

    [Fact]
    public async Task A_long_poll_ends_when_something_newer_comes_or_time_is_up()
    {
        await using var house = await FrontEndFixture.Open();
        var head = house.Ann.Append().Id;
        Assert.True(await house.Live.WaitForNewer("default/ann", default, TimeSpan.FromSeconds(25), until: null, default));
        var poll = house.Live.WaitForNewer("default/ann", head, TimeSpan.FromSeconds(25), until: null, default);
        await house.Time.TimerWithin(TimeSpan.FromSeconds(25));
        house.Ann.Append();
        Assert.True(await poll);
        // Another time than before: the timer of the poll that has ended may still be there.
        poll = house.Live.WaitForNewer("default/ann", house.Ann.Head, TimeSpan.FromSeconds(20), until: null, default);
        await house.Time.TimerWithin(TimeSpan.FromSeconds(20));
        house.Time.Advance(TimeSpan.FromSeconds(20));
        Assert.False(await poll);
    }
}
