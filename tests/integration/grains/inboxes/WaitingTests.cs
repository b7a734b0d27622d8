using System.Text.Json;
using OrleansInbox.Storage;

namespace OrleansInbox.Tests.Grains.Inboxes;

[Collection(RedisInboxes.Name)]
public sealed class WaitingOnRedis(RedisInboxes inboxes) : WaitingTests(inboxes);

[Collection(SqliteInboxes.Name)]
public sealed class WaitingOnSqlite(SqliteInboxes inboxes) : WaitingTests(inboxes);

/// <summary>What is scheduled or snoozed comes once, at its time, and never after it was cancelled.</summary>
public abstract class WaitingTests(InboxFixture inboxes) : InboxGrainTests(inboxes)
{
    private static readonly InboxOptions _attentive = new() { DuePoll = TimeSpan.FromMilliseconds(20) };

    [Fact]
    public async Task A_scheduled_one_comes_by_itself_at_its_time_also_after_a_restart()
    {
        var host = await Start(_attentive);
        await host.Inbox(User).Append(New("now"));
        var scheduled = await host.Inbox(User).Append(In(host, TimeSpan.FromHours(1), "later"));
        Assert.Equal((default, false), (scheduled.Id, scheduled.Replayed));
        Assert.Equal(["now"], await Titles(host.Inbox(User)));
        await Stop(host);
        host = await Start(_attentive);
        host.Time.Move(TimeSpan.FromHours(1.1));
        await Eventually.Is(async () => (await Titles(host.Inbox(User))).Contains("later"), "what is scheduled comes");
        var (createdAt, counts) = (await CreatedAt(host.Inbox(User)), await host.Inbox(User).Counts());
        Assert.InRange(createdAt, host.Time.GetUtcNow().AddMinutes(-2), host.Time.GetUtcNow());
        Assert.Equal((2L, 2L, 2L), (counts.Unread, counts.Total, counts.Head!.Value.Seq));
        Assert.Equal(counts.Head, await host.Inbox(User).Cancel(scheduled.Scheduled!));
    }

    [Fact]
    public async Task A_second_call_of_the_index_and_a_second_activation_deliver_nothing_twice()
    {
        var host = await Start();
        var scheduled = (await host.Inbox(User).Append(In(host, TimeSpan.FromMinutes(5), "later"))).Scheduled!;
        Assert.Equal([scheduled], (await host.Inbox(User).Deliver([scheduled])).Later.Keys);
        host.Time.Move(TimeSpan.FromMinutes(6));
        var calls = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => host.Inbox(User).Deliver([scheduled, "never"])));
        Assert.All(calls.SelectMany(call => call.Delivered), id => Assert.Equal(scheduled, id));
        Assert.Empty((await host.Inbox(User).Deliver([scheduled])).Delivered);
        Assert.Equal(["later"], await Titles(host.Inbox(User)));
        await Stop(host);
        host = await Start();
        Assert.Empty((await host.Inbox(User).Deliver([scheduled])).Delivered);
        Assert.Equal(["later"], await Titles(host.Inbox(User)));
    }

    [Fact]
    public async Task What_was_cancelled_never_comes()
    {
        var host = await Start();
        var scheduled = (await host.Inbox(User).Append(In(host, TimeSpan.FromMinutes(5), "later"))).Scheduled!;
        for (var i = 0; i < 2; i++) Assert.Null(await host.Inbox(User).Cancel(scheduled));
        host.Time.Move(TimeSpan.FromMinutes(6));
        Assert.Empty((await host.Inbox(User).Deliver([scheduled])).Delivered);
        Assert.Empty(await Titles(host.Inbox(User)));
    }

    [Fact]
    public async Task An_idempotency_key_answers_the_first_one_before_and_after_it_came()
    {
        var host = await Start();
        var notification = In(host, TimeSpan.FromMinutes(5), "later") with { IdempotencyKey = "once" };
        var first = await host.Inbox(User).Append(notification);
        Assert.Equal((first.Scheduled, true), await Answer(notification));
        await Assert.ThrowsAsync<KeyReusedException>(() => host.Inbox(User).Append(notification with { DeliverAt = notification.DeliverAt!.Value.AddSeconds(1) }));
        var reused = await Assert.ThrowsAsync<KeyReusedException>(() => host.Inbox(User).Append(notification with { DeliverAt = null }));
        Assert.Equal(first.Scheduled, reused.Scheduled);
        host.Time.Move(TimeSpan.FromMinutes(6));
        Assert.Equal((first.Scheduled, true), await Answer(notification)); // its time has passed: a publish of now
        await host.Inbox(User).Deliver([first.Scheduled!]);
        Assert.Equal((first.Scheduled, true), await Answer(notification));
        Assert.Equal(["later"], await Titles(host.Inbox(User)));

        async Task<(string?, bool)> Answer(NewNotification one) => await host.Inbox(User).Append(one) is var appended ? (appended.Scheduled, appended.Replayed) : default;
    }

    [Fact]
    public async Task A_snoozed_one_leaves_and_comes_back_as_a_new_one()
    {
        var host = await Start(_attentive);
        var inbox = host.Inbox(User);
        var first = (await inbox.Append(New("snoozed", expiresAt: host.Time.GetUtcNow().AddDays(9)))).Id;
        await inbox.Append(New("other"));
        await inbox.Mark(new MarkRequest { Action = MarkAction.Archive, All = true });
        var counts = await inbox.Snooze([first, new(first.Epoch, 77)], host.Time.GetUtcNow().AddHours(3));
        Assert.Equal((0L, 1L), (counts.Unread, counts.Total));
        Assert.Equal(counts, await inbox.Snooze([first], host.Time.GetUtcNow().AddHours(4))); // it is gone
        Assert.Null((await inbox.Get(first)).Json);
        Assert.Equal(first.ToString(), Json((await inbox.Waiting(new WaitingQuery { Snoozed = true })).Json).GetProperty("items")[0].GetProperty("id").GetString());
        await Stop(host);
        host = await Start(_attentive);
        Assert.Equal(["other"], await Titles(host.Inbox(User), new ListQuery { Status = StatusFilter.All }));
        host.Time.Move(TimeSpan.FromHours(3.1));
        await Eventually.Is(async () => (await host.Inbox(User).Counts()).Total == 2, "it comes back");
        counts = await host.Inbox(User).Counts();
        Assert.Equal((1L, 1L, 3L), (counts.Unread, counts.Unseen, counts.Head!.Value.Seq));
        var item = Json((await host.Inbox(User).Get(counts.Head.Value)).Json!);
        Assert.Equal(("snoozed", first.ToString(), false, false), (item.GetProperty("title").GetString(), item.GetProperty("snoozedFrom").GetString(), item.GetProperty("read").GetBoolean(), item.GetProperty("archived").GetBoolean()));
        host.Time.Move(TimeSpan.FromDays(10));
        Assert.Equal(1, (await host.Inbox(User).Counts()).Total); // its expiry is the one that it had
    }

    [Fact]
    public async Task Snoozed_again_it_names_the_last_id_alone_and_the_end_of_a_snooze_undoes_it()
    {
        var host = await Start();
        var inbox = host.Inbox(User);
        var first = (await inbox.Append(New("“it” says ,\"snoozedFrom\":\"1-1\"") with { Data = """{"snoozedFrom":"1-1"}"""u8.ToArray() })).Id;
        for (var i = 0; i < 2; i++)
        {
            var last = (await inbox.Counts()).Head!.Value;
            await inbox.Snooze([last], host.Time.GetUtcNow().AddHours(1));
            var counts = await inbox.Unsnooze([last, first]);
            Assert.Equal((1L, 1L, last.Seq + 1), (counts.Unread, counts.Total, counts.Head!.Value.Seq));
            var text = System.Text.Encoding.UTF8.GetString((await inbox.Get(counts.Head.Value)).Json!);
            Assert.Equal(last.ToString(), Json(System.Text.Encoding.UTF8.GetBytes(text)).GetProperty("snoozedFrom").GetString());
            Assert.Equal("1-1", Json(System.Text.Encoding.UTF8.GetBytes(text)).GetProperty("data").GetProperty("snoozedFrom").GetString());
            Assert.Equal(2, text.Split(",\"snoozedFrom\":").Length); // one member, beside that of the data
        }
        Assert.Equal(0, Json((await inbox.Waiting(new WaitingQuery { Snoozed = true })).Json).GetProperty("items").GetArrayLength());
    }

    [Fact]
    public async Task A_process_that_dies_after_a_snooze_was_stored_leaves_no_two()
    {
        var host = await Start();
        var first = (await host.Inbox(User).Append(New("snoozed"))).Id;
        await host.Inbox(User).Append(New("other"));
        var store = (IWaitingStore)host.Services.GetService(typeof(IWaitingStore))!;
        await store.Snooze(InboxKey.Of(InboxKey.DefaultTenant, User), first.Epoch, [1], host.Time.GetUtcNow().AddHours(1));
        await Stop(host); // the marks were not written
        host = await Start();
        Assert.Equal(["other"], await Titles(host.Inbox(User)));
        Assert.Equal(1, (await host.Inbox(User).Counts()).Unread);
        await host.Inbox(User).Unsnooze([first]);
        Assert.Equal(["snoozed", "other"], await Titles(host.Inbox(User)));
    }

    [Fact]
    public async Task A_key_is_one_living_notification_whatever_was_snoozed_or_scheduled()
    {
        var host = await Start();
        var inbox = host.Inbox(User);
        var about = New("first") with { CollapseKey = "order" };
        var first = (await inbox.Append(about)).Id;
        await inbox.Snooze([first], host.Time.GetUtcNow().AddHours(1));
        await inbox.Append(about with { Title = "second" });
        await inbox.Unsnooze([first]); // a newer one has its place
        Assert.Equal(["second"], await Titles(inbox));
        var scheduled = (await inbox.Append(about with { Title = "third", DeliverAt = host.Time.GetUtcNow().AddMinutes(1) })).Scheduled!;
        host.Time.Move(TimeSpan.FromMinutes(2));
        await inbox.Deliver([scheduled]);
        Assert.Equal(["third"], await Titles(inbox));
        await inbox.Snooze([(await inbox.Counts()).Head!.Value], host.Time.GetUtcNow().AddHours(1));
        await inbox.Append(about with { Title = "fourth", DeliverAt = host.Time.GetUtcNow().AddHours(1) });
        await inbox.Retract("order");
        foreach (var snoozed in new[] { true, false }) Assert.Equal("""{"items":[],"next":null}""", System.Text.Encoding.UTF8.GetString((await inbox.Waiting(new WaitingQuery { Snoozed = snoozed })).Json));
    }

    [Fact]
    public async Task An_append_whose_answer_was_lost_delivers_what_was_due_once()
    {
        var host = await Start();
        var scheduled = (await host.Inbox(User).Append(In(host, TimeSpan.FromMinutes(1), "later"))).Scheduled!;
        host.Time.Move(TimeSpan.FromMinutes(2));
        host.Log.AfterAppend = _ =>
        {
            host.Log.AfterAppend = null;
            throw new StorageUnavailableException("lost") { Uncertain = true };
        };
        Assert.Equal([scheduled], (await host.Inbox(User).Deliver([scheduled])).Delivered);
        Assert.Equal(["later"], await Titles(host.Inbox(User)));
        Assert.Equal(1, (await host.Inbox(User).Counts()).Total);
    }

    [Fact]
    public async Task A_clock_that_leaps_brings_nothing_early()
    {
        var host = await Start(_attentive);
        var scheduled = (await host.Inbox(User).Append(In(host, TimeSpan.FromDays(2), "later"))).Scheduled!;
        host.Time.Leap(TimeSpan.FromDays(3)); // no time has passed
        Assert.Equal([scheduled], (await host.Inbox(User).Deliver([scheduled])).Later.Keys);
        host.Time.Leap(TimeSpan.FromDays(-3));
        host.Time.Leap(TimeSpan.FromDays(-1)); // back: it comes by the date all the same
        host.Time.Move(TimeSpan.FromDays(3.1));
        await Eventually.Is(async () => (await host.Inbox(User).Counts()).Total == 1, "it comes");
    }

    private static NewNotification In(InboxHost host, TimeSpan time, string title) => New(title) with { DeliverAt = host.Time.GetUtcNow() + time };

    private static async Task<DateTimeOffset> CreatedAt(IInboxGrain inbox) => Json((await inbox.List(new ListQuery { Limit = 1 })).Json).GetProperty("items")[0].GetProperty("createdAt").GetDateTimeOffset();

    private static JsonElement Json(byte[] json) => JsonDocument.Parse(json).RootElement;
}
