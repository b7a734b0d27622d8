namespace OrleansInbox.Tests.ClientApi.Live;

/// <summary>Last-Event-ID: what is replayed, what <c>resumed</c> says, and the seam between replay and live.</summary>
public sealed class ResumeTests
{
    [Fact]
    public async Task Everything_newer_is_replayed_in_pages_then_ready_then_live()
    {
        await using var frontEnd = await FrontEndFixture.Open();
        var first = frontEnd.Ann.Append();
        var newer = Enumerable.Range(0, 250).Select(_ => frontEnd.Ann.Append()).ToArray();
        var reader = frontEnd.Connect(first.Id);
        await reader.Added(newer);
        var ready = await reader.Next("ready");
        Assert.Equal(newer[^1].Id.ToString(), ready.Id);
        Assert.Contains("\"resumed\":true", ready.Data, StringComparison.Ordinal);
        await reader.Added(frontEnd.Ann.Append());
    }

    [Fact]
    public async Task Nothing_newer_is_ready_at_once()
    {
        await using var frontEnd = await FrontEndFixture.Open();
        var head = frontEnd.Ann.Append();
        var reader = frontEnd.Connect(head.Id);
        Assert.Contains("\"resumed\":true", (await reader.Next("ready")).Data, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_id_older_than_what_is_kept_replays_what_is_kept_and_says_so()
    {
        await using var frontEnd = await FrontEndFixture.Open();
        var all = Enumerable.Range(0, 10).Select(_ => frontEnd.Ann.Append()).ToArray();
        frontEnd.Ann.Trim(keep: 4);
        var reader = frontEnd.Connect(all[4].Id);
        await reader.Added(all[6..]);
        Assert.Contains("\"resumed\":false", (await reader.Next("ready")).Data, StringComparison.Ordinal);
        var exact = frontEnd.Connect(all[5].Id);
        await exact.Added(all[6..]);
        Assert.Contains("\"resumed\":true", (await exact.Next("ready")).Data, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_id_that_was_never_assigned_or_was_erased_means_reload()
    {
        await using var frontEnd = await FrontEndFixture.Open();
        frontEnd.Ann.Append(3);
        var old = frontEnd.Ann.Head;
        var unknown = frontEnd.Connect(new NotificationId(old.Epoch, 99));
        Assert.Contains("\"resumed\":false", (await unknown.Next("ready")).Data, StringComparison.Ordinal);
        await unknown.Added(frontEnd.Ann.Append());
        frontEnd.Ann.Erase();
        var newer = frontEnd.Ann.Append();
        var erased = frontEnd.Connect(old);
        await erased.Added(newer);
        Assert.Contains("\"resumed\":false", (await erased.Next("ready")).Data, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_saw_an_inbox_before_its_first_notification_resumes_whole()
    {
        await using var frontEnd = await FrontEndFixture.Open();
        var first = frontEnd.Ann.Append();
        var reader = frontEnd.Connect(new NotificationId(0, 0));
        await reader.Added(first);
        Assert.Contains("\"resumed\":true", (await reader.Next("ready")).Data, StringComparison.Ordinal);
    }

    [Fact]
    public async Task At_the_seam_nothing_doubles_and_nothing_is_missing()
    {
        await using var frontEnd = await FrontEndFixture.Open();
        var start = frontEnd.Ann.Append();
        var newer = Enumerable.Range(0, 150).Select(_ => frontEnd.Ann.Append()).ToList();
        frontEnd.Ann.DuringReadBack = () =>
        {
            for (var i = 0; i < 20 && newer.Count < 300; i++) newer.Add(frontEnd.Ann.Append());
        };
        var reader = frontEnd.Connect(start.Id);
        var seen = new List<string>();
        var ready = false;
        while (!ready || seen.Count < 200)
        {
            var next = await reader.Next();
            if (next.Kind == "added") seen.Add(next.Id!);
            else ready = next.Kind == "ready";
            if (ready && newer.Count < 200) newer.Add(frontEnd.Ann.Append());
        }
        Assert.Equal(newer.Take(seen.Count).Select(e => e.Id.ToString()), seen);
    }

    [Fact]
    public async Task More_than_a_queue_during_the_replay_is_read_back_too()
    {
        await using var frontEnd = await FrontEndFixture.Open();
        var start = frontEnd.Ann.Append();
        var newer = new List<InboxEvent>();
        frontEnd.Ann.DuringReadBack = () =>
        {
            frontEnd.Ann.DuringReadBack = null;
            for (var i = 0; i < 1_000; i++) newer.Add(frontEnd.Ann.Append());
        };
        var reader = frontEnd.Connect(start.Id);
        await reader.Next("ready");
        await reader.Added([.. newer]);
        await reader.Added(frontEnd.Ann.Append());
        Assert.False(reader.WasCutOff);
    }

    [Fact]
    public async Task A_mark_between_two_pages_of_the_replay_is_told()
    {
        await using var frontEnd = await FrontEndFixture.Open();
        var start = frontEnd.Ann.Append();
        var newer = Enumerable.Range(0, 150).Select(_ => frontEnd.Ann.Append()).ToArray();
        frontEnd.Ann.DuringReadBack = () =>
        {
            frontEnd.Ann.DuringReadBack = null;
            frontEnd.Ann.Mark();
        };
        var reader = frontEnd.Connect(start.Id);
        await reader.Added(newer);
        await reader.Next("marked");
        await reader.Next("ready");
        await reader.Added(frontEnd.Ann.Append());
    }
}
