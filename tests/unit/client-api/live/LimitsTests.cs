using OrleansInbox.ClientApi.Live;

namespace OrleansInbox.Tests.ClientApi.Live;

/// <summary>Bounds, heartbeats, leases, the probe, the end.</summary>
public sealed class LimitsTests
{
    [Fact]
    public async Task A_renewal_finds_a_lost_last_event_and_a_lost_mark()
    {
        await using var frontEnd = await FrontEndFixture.Open();
        var reader = await frontEnd.Ready();
        var lost = frontEnd.Ann.Append(quietly: true);
        frontEnd.Time.Advance(frontEnd.Options.Renew);
        await reader.Added(lost);
        frontEnd.Ann.Mark(quietly: true);
        frontEnd.Time.Advance(frontEnd.Options.Renew);
        await reader.Next("marked");
        await reader.Added(frontEnd.Ann.Append());
    }

    [Fact]
    public async Task A_lost_probe_has_positions_compared_and_two_have_the_front_end_subscribe_again()
    {
        await using var frontEnd = await FrontEndFixture.Open(new LiveOptions { Probe = TimeSpan.FromSeconds(1) });
        var reader = await frontEnd.Ready();
        frontEnd.Time.Advance(frontEnd.Options.Probe);
        Assert.Equal(1, frontEnd.Fanout.Opened);
        frontEnd.Fanout.IsDead = true;
        var lost = frontEnd.Ann.Append();
        frontEnd.Time.Advance(2 * frontEnd.Options.Probe); // the first of them is sent into silence
        await reader.Added(lost);
        var alsoLost = frontEnd.Ann.Append();
        frontEnd.Time.Advance(frontEnd.Options.Probe);
        Assert.Equal(2, frontEnd.Fanout.Opened);
        await reader.Added(alsoLost, frontEnd.Ann.Append());
    }

    [Fact]
    public async Task A_reader_that_is_too_slow_is_cut_off_and_resumes()
    {
        await using var frontEnd = await FrontEndFixture.Open();
        var slow = frontEnd.Connect(bufferBytes: 256);
        await slow.Next("ready");
        var quick = await frontEnd.Ready();
        var events = new List<InboxEvent>();
        while (!slow.WasCutOff)
        {
            events.Add(frontEnd.Ann.Append());
            await quick.Added(events[^1]);
            Assert.True(events.Count < 1_000, "The slow reader was never cut off.");
        }
        Assert.True(events.Count > frontEnd.Options.QueuePerConnection);
        await slow.Served;
        var resumed = frontEnd.Connect(events[9].Id);
        await resumed.Added([.. events[10..]]);
        await resumed.Next("ready");
    }

    [Fact]
    public async Task A_reader_that_does_not_read_for_too_long_is_cut_off_and_resumes()
    {
        await using var frontEnd = await FrontEndFixture.Open(new LiveOptions { FlushTimeout = TimeSpan.FromSeconds(3) });
        var stuck = frontEnd.Connect(bufferBytes: 256);
        await stuck.Next("ready");
        var events = Enumerable.Range(0, 10).Select(_ => frontEnd.Ann.Append()).ToArray();
        await frontEnd.Time.TimerWithin(frontEnd.Options.FlushTimeout);
        frontEnd.Time.Advance(frontEnd.Options.FlushTimeout - TimeSpan.FromMilliseconds(1));
        Assert.False(stuck.WasCutOff);
        frontEnd.Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.True(stuck.WasCutOff);
        await stuck.Served;
        var resumed = frontEnd.Connect(events[0].Id);
        await resumed.Added(events[1..]);
    }

    [Fact]
    public async Task A_reader_that_stops_in_the_middle_of_a_replay_is_cut_off()
    {
        await using var frontEnd = await FrontEndFixture.Open();
        var events = Enumerable.Range(0, 60).Select(_ => frontEnd.Ann.Append(bodyLength: 10_000)).ToArray();
        var stuck = frontEnd.Connect(events[0].Id, bufferBytes: 256);
        await frontEnd.Time.TimerWithin(frontEnd.Options.FlushTimeout);
        frontEnd.Time.Advance(frontEnd.Options.FlushTimeout);
        Assert.True(stuck.WasCutOff);
        await stuck.Served;
        Assert.InRange(await stuck.Rest(), 1, 50_000); // unflushed bytes are bounded
        await frontEnd.Connect(events[0].Id).Added(events[1..]);
    }

    [Fact]
    public async Task A_reader_that_reads_within_the_time_is_not_cut_off()
    {
        await using var frontEnd = await FrontEndFixture.Open(new LiveOptions { FlushTimeout = TimeSpan.FromSeconds(3) });
        var slow = frontEnd.Connect(bufferBytes: 256);
        await slow.Next("ready");
        for (var i = 0; i < 5; i++)
        {
            var events = Enumerable.Range(0, 10).Select(_ => frontEnd.Ann.Append()).ToArray();
            await frontEnd.Time.TimerWithin(frontEnd.Options.FlushTimeout);
            frontEnd.Time.Advance(frontEnd.Options.FlushTimeout - TimeSpan.FromMilliseconds(1));
            await slow.Added(events);
            await slow.Added(frontEnd.Ann.Append()); // the flush before it has ended
        }
        Assert.False(slow.WasCutOff);
    }

    [Fact]
    public async Task Bytes_that_wait_are_bounded_as_events_are()
    {
        await using var frontEnd = await FrontEndFixture.Open(new LiveOptions { QueuedBytesPerUser = 100_000 });
        var slow = frontEnd.Connect(bufferBytes: 256);
        await slow.Next("ready");
        var quick = await frontEnd.Ready();
        var events = new List<InboxEvent>();
        while (!slow.WasCutOff)
        {
            events.Add(frontEnd.Ann.Append(bodyLength: 10_000));
            await quick.Added(events[^1]);
            Assert.True(events.Count <= 9 + 4, "More than the queue and one flush was taken for the slow reader.");
        }
        Assert.True(events.Count > 9, "The queue was not used.");
        await slow.Served;
        var whole = frontEnd.Ann.Append(bodyLength: 200_000); // more than the limit: a single event always fits
        await quick.Added(whole);
        await frontEnd.Connect(events[0].Id).Added([.. events[1..], whole]);
    }

    [Fact]
    public async Task One_connection_too_many_is_refused_until_one_leaves()
    {
        await using var frontEnd = await FrontEndFixture.Open(new LiveOptions { ConnectionsPerUser = 2 });
        var first = await frontEnd.Ready();
        await frontEnd.Ready();
        var third = frontEnd.Connect();
        await Assert.ThrowsAsync<TooManyConnectionsException>(() => third.Served);
        await Assert.ThrowsAsync<TooManyConnectionsException>(() => frontEnd.Live.WaitForNewer("default/ann", default, TimeSpan.FromSeconds(1), until: null, default));
        first.Leave();
        await first.Served;
        await frontEnd.Ready();
    }

    [Fact]
    public async Task A_comment_comes_with_every_heartbeat()
    {
        await using var frontEnd = await FrontEndFixture.Open();
        var reader = await frontEnd.Ready();
        for (var beat = 0; beat < 3; beat++)
        {
            frontEnd.Time.Advance(frontEnd.Options.Heartbeat);
            Assert.Equal(":", await reader.Block("a heartbeat"));
        }
    }

    [Fact]
    public async Task After_a_time_without_readers_each_inbox_has_its_first_heartbeat_within_a_round()
    {
        await using var frontEnd = await FrontEndFixture.Open();
        frontEnd.Time.Advance(TimeSpan.FromSeconds(40));
        var readers = Enumerable.Range(0, 4 * WatchedInboxes.Slices).Select(n => frontEnd.Connect(inbox: $"default/user-{n}")).ToArray();
        foreach (var reader in readers) await reader.Next("ready");
        frontEnd.Time.Advance(frontEnd.Options.Heartbeat);
        foreach (var reader in readers) Assert.Equal(":", await reader.Block("a heartbeat"));
    }

    [Fact]
    public async Task At_shutdown_each_stream_ends_with_a_retry()
    {
        await using var frontEnd = await FrontEndFixture.Open();
        var reader = await frontEnd.Ready();
        var last = frontEnd.Ann.Append();
        frontEnd.Stop();
        await reader.Added(last);
        var retry = await reader.Block("retry");
        Assert.InRange(int.Parse(retry["retry: ".Length..], System.Globalization.CultureInfo.InvariantCulture), 1_000, 5_000);
        Assert.Equal("", await reader.Block("the end"));
        await reader.Served;
        var late = frontEnd.Connect();
        Assert.StartsWith("retry: ", await late.Block("retry"), StringComparison.Ordinal);
        await late.Served;
    }

    [Theory]
    [InlineData(1), InlineData(40), InlineData(3_600)]
    public async Task A_stream_ends_with_its_callers_credentials(int seconds)
    {
        await using var frontEnd = await FrontEndFixture.Open();
        var reader = frontEnd.Connect(until: frontEnd.Time.GetUtcNow() + TimeSpan.FromSeconds(seconds));
        var other = await frontEnd.Ready();
        await reader.Next("ready");
        frontEnd.Time.Advance(TimeSpan.FromSeconds(seconds) - TimeSpan.FromMilliseconds(1));
        await reader.Added(frontEnd.Ann.Append());
        var last = frontEnd.Ann.Append();
        frontEnd.Time.Advance(TimeSpan.FromMilliseconds(1));
        await reader.Added(last);
        var retry = await reader.Next("retry");
        Assert.InRange(int.Parse(retry.Data, System.Globalization.CultureInfo.InvariantCulture), 1_000, 5_000);
        Assert.Equal("", await reader.Block("the end"));
        await reader.Served;
        Assert.False(reader.WasCutOff);
        await other.Next("added");
        await other.Added(last, frontEnd.Ann.Append());
    }

    [Fact]
    public async Task A_stream_whose_callers_credentials_have_expired_ends_at_once()
    {
        await using var frontEnd = await FrontEndFixture.Open();
        var reader = frontEnd.Connect(until: frontEnd.Time.GetUtcNow());
        Assert.Equal("retry", (await reader.Next()).Kind);
        await reader.Served;
    }

    [Fact]
    public async Task A_long_poll_answers_when_its_callers_credentials_expire()
    {
        await using var frontEnd = await FrontEndFixture.Open();
        var poll = frontEnd.Live.WaitForNewer("default/ann", default, TimeSpan.FromSeconds(25), frontEnd.Time.GetUtcNow() + TimeSpan.FromSeconds(10), default);
        await frontEnd.Time.TimerWithin(TimeSpan.FromSeconds(10));
        frontEnd.Time.Advance(TimeSpan.FromSeconds(10));
        Assert.False(await poll);
    }

    [Fact]
    public async Task An_inbox_that_nobody_reads_any_more_is_let_go()
    {
        await using var frontEnd = await FrontEndFixture.Open();
        var reader = await frontEnd.Ready();
        reader.Leave();
        await reader.Served;
        Assert.True(frontEnd.Ann.IsWatched);
        var letGo = frontEnd.Ann.Unwatched;
        frontEnd.Time.Advance(frontEnd.Options.Renew);
        await letGo.WaitAsync(TimeSpan.FromSeconds(60));
        var next = await frontEnd.Ready();
        await next.Added(frontEnd.Ann.Append());
        Assert.True(frontEnd.Ann.IsWatched);
    }

    [Fact]
    public async Task A_long_poll_ends_when_something_newer_comes_or_time_is_up()
    {
        await using var frontEnd = await FrontEndFixture.Open();
        var head = frontEnd.Ann.Append().Id;
        Assert.True(await frontEnd.Live.WaitForNewer("default/ann", default, TimeSpan.FromSeconds(25), until: null, default));
        var poll = frontEnd.Live.WaitForNewer("default/ann", head, TimeSpan.FromSeconds(25), until: null, default);
        await frontEnd.Time.TimerWithin(TimeSpan.FromSeconds(25));
        frontEnd.Ann.Append();
        Assert.True(await poll);
        // Another time than before: the timer of the poll that has ended may still be there.
        poll = frontEnd.Live.WaitForNewer("default/ann", frontEnd.Ann.Head, TimeSpan.FromSeconds(20), until: null, default);
        await frontEnd.Time.TimerWithin(TimeSpan.FromSeconds(20));
        frontEnd.Time.Advance(TimeSpan.FromSeconds(20));
        Assert.False(await poll);
    }
}
