using OrleansInbox.Storage;

namespace OrleansInbox.Tests.Grains.Inboxes;

[Collection(RedisInboxes.Name)]
public sealed class AppendsOnRedis(RedisInboxes inboxes) : AppendTests(inboxes);

[Collection(SqliteInboxes.Name)]
public sealed class AppendsOnSqlite(SqliteInboxes inboxes) : AppendTests(inboxes);

/// <summary>Appends are ordered, durable before they return, and idempotent by key, whatever becomes of the write.</summary>
public abstract class AppendTests(InboxFixture inboxes) : InboxGrainTests(inboxes)
{
    [Fact]
    public async Task What_is_appended_is_listed_newest_first_and_counted()
    {
        var inbox = Inbox;
        var first = await inbox.Append(New("1"));
        var second = await inbox.Append(New("2"));
        Assert.Equal(1, first.Id.Seq);
        Assert.Equal(new NotificationId(first.Id.Epoch, 2), second.Id);
        Assert.Equal(["2", "1"], await Titles(inbox));
        var counts = await inbox.Counts();
        Assert.Equal((2L, 2L, 2L, second.Id), (counts.Unread, counts.Unseen, counts.Total, counts.Head!.Value));
    }

    [Fact]
    public async Task Appends_that_wait_at_the_same_time_go_in_one_round_trip()
    {
        var inbox = Inbox;
        await inbox.Append(New("0"));
        TaskCompletionSource reached = new(), go = new();
        Log.BeforeAppend = _ =>
        {
            reached.TrySetResult();
            return go.Task;
        };
        var before = Log.Appends;
        var first = inbox.Append(New("1"));
        await reached.Task;
        var others = Enumerable.Range(2, 100).Select(i => inbox.Append(New($"{i}"))).ToArray();
        await inbox.Counts(); // is answered after all of them have reached the grain
        go.SetResult();
        await first;
        var ids = await Task.WhenAll(others);
        Assert.Equal(2, Log.Appends - before);
        Assert.Equal(Enumerable.Range(3, 100).Select(i => (long)i), ids.Select(a => a.Id.Seq).Order());
    }

    [Fact]
    public async Task What_is_appended_while_the_log_is_read_again_is_not_taken_for_lost()
    {
        var inbox = Inbox;
        var first = (await inbox.Append(New("1"))).Id;
        TaskCompletionSource written = new(), write = new(), read = new(), answer = new();
        Log.BeforeAppend = _ =>
        {
            written.TrySetResult();
            return write.Task;
        };
        Log.AfterOpen = () =>
        {
            read.TrySetResult();
            return answer.Task;
        };
        var append = inbox.Append(New("2"));
        await written.Task; // it is on its way
        var another = inbox.Get(new NotificationId(first.Epoch, 9)); // nobody knows that one: the log is read again
        await read.Task; // without the second entry
        write.SetResult();
        Assert.Equal(2, (await append).Id.Seq);
        answer.SetResult();
        Assert.Null((await another).Json);
        Assert.Equal((2L, 2L), ((await inbox.Counts()).Head!.Value.Seq, (await inbox.Counts()).Total));
        Assert.Equal(["2", "1"], await Titles(inbox));
        Assert.Equal(3, (await inbox.Append(New("3"))).Id.Seq);
    }

    [Fact]
    public async Task One_idempotency_key_makes_one_notification_at_once_later_and_after_a_restart()
    {
        var inbox = Inbox;
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => inbox.Append(New("once", "k"))));
        Assert.Single(answers, a => !a.Replayed);
        Assert.Single(answers.Select(a => (a.Id, a.CreatedAt)).Distinct());
        await Restart();
        inbox = Inbox;
        var again = await inbox.Append(New("once", "k"));
        Assert.True(again.Replayed);
        Assert.Equal((answers[0].Id, answers[0].CreatedAt), (again.Id, again.CreatedAt));
        Assert.Equal(2, (await inbox.Append(New("other", "l"))).Id.Seq);
        Assert.Equal(["other", "once"], await Titles(inbox));
    }

    [Fact]
    public async Task One_idempotency_key_is_for_one_notification_also_within_a_write_and_after_a_restart()
    {
        var inbox = Inbox;
        await inbox.Append(New("0"));
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Append(New(i % 2 == 0 ? "even" : "odd", "k"))));
        var stored = Assert.Single(outcomes, outcome => outcome.Appended is { Replayed: false }).Appended!.Id;
        Assert.Equal(4, outcomes.Count(outcome => outcome.Appended?.Id == stored));
        Assert.Equal(4, outcomes.Count(outcome => outcome.First == stored));
        var title = (await Titles(inbox))[0];
        Assert.Equal(2, (await inbox.Counts()).Total);

        await Restart();
        inbox = Inbox;
        Assert.Equal(stored, (await Assert.ThrowsAsync<KeyReusedException>(() => inbox.Append(New("third", "k")))).First);
        Assert.True((await inbox.Append(New(title, "k"))).Replayed);
        Assert.Equal([title, "0"], await Titles(inbox));

        async Task<(Appended? Appended, NotificationId? First)> Append(NewNotification notification)
        {
            try
            {
                return (await inbox.Append(notification), null);
            }
            catch (KeyReusedException reused)
            {
                return (null, reused.First);
            }
        }
    }

    [Fact]
    public async Task A_response_that_is_lost_after_the_write_was_taken_makes_no_double_and_no_hole()
    {
        var inbox = Inbox;
        await inbox.Append(New("1"));
        Log.AfterAppend = _ =>
        {
            Log.AfterAppend = null;
            throw new StorageUnavailableException("the response was lost") { Uncertain = true };
        };
        var second = await inbox.Append(New("2"));
        Assert.Equal(2, second.Id.Seq);
        Assert.Equal(3, (await inbox.Append(New("3"))).Id.Seq);
        Assert.Equal(["3", "2", "1"], await Titles(inbox));
        Assert.Equal(3, (await inbox.Counts()).Unread);
    }

    [Fact]
    public async Task A_write_that_was_lost_on_its_way_is_written_again()
    {
        var inbox = Inbox;
        Log.BeforeAppend = _ =>
        {
            Log.BeforeAppend = null;
            throw new StorageUnavailableException("the request was lost") { Uncertain = true };
        };
        Assert.Equal(1, (await inbox.Append(New("1"))).Id.Seq);
        Assert.Equal(["1"], await Titles(inbox));
    }

    [Fact]
    public async Task When_the_fate_of_a_write_cannot_be_found_out_the_caller_hears_so_and_a_repeat_by_key_makes_no_double()
    {
        var inbox = Inbox;
        await inbox.Append(New("1"));
        Log.AfterAppend = _ => throw new StorageUnavailableException("the response was lost") { Uncertain = true };
        Log.BeforeOpen = () => throw new StorageUnavailableException("away");
        var failure = await Assert.ThrowsAsync<StorageUnavailableException>(() => inbox.Append(New("2", "k")));
        Assert.True(failure.Uncertain);
        (Log.AfterAppend, Log.BeforeOpen) = (null, null);
        var repeated = await inbox.Append(New("2", "k"));
        Assert.True(repeated.Replayed);
        Assert.Equal(["2", "1"], await Titles(inbox));
        Assert.Equal(2, (await inbox.Counts()).Total);
    }

    [Fact]
    public async Task What_storage_refused_is_not_served()
    {
        var inbox = Inbox;
        await inbox.Append(New("1"));
        Log.BeforeAppend = _ => throw new StorageUnavailableException("away");
        var failure = await Assert.ThrowsAsync<StorageUnavailableException>(() => inbox.Append(New("2")));
        Assert.False(failure.Uncertain);
        Assert.Equal(["1"], await Titles(inbox));
        Log.BeforeAppend = null;
        Assert.Equal(2, (await inbox.Append(New("3"))).Id.Seq);
        Assert.Equal(["3", "1"], await Titles(inbox));
    }

    [Fact]
    public async Task After_the_log_refused_us_we_reload_and_keep_the_order()
    {
        var inbox = Inbox;
        var first = await inbox.Append(New("1"));
        var other = new NewLogEntry("""{"createdAt":"2026-01-01T00:00:00.000Z","type":"test","title":"other"}"""u8.ToArray(), first.CreatedAt.AddMilliseconds(1));
        await Log.Real.Append(InboxKey.Of(InboxKey.DefaultTenant, User), new LogBatch(first.Id.Epoch, 1, 0, "other", [other]));
        Assert.Equal(3, (await inbox.Append(New("2"))).Id.Seq);
        Assert.Equal(["2", "other", "1"], await Titles(inbox));
        Assert.Equal(3, (await inbox.Counts()).Unread);
    }

    [Fact]
    public async Task Two_activations_of_one_inbox_make_one_order()
    {
        if (Redis is null) return; // one process owns a SQLite file
        var second = await Start();
        var appends = Enumerable.Range(0, 50).SelectMany(i => new[] { Inbox, second.Inbox(User) }.Select(inbox => inbox.Append(New($"{i}"))));
        var ids = (await Task.WhenAll(appends)).Select(a => a.Id).ToArray();
        Assert.Equal(Enumerable.Range(1, 100).Select(i => (long)i), ids.Select(i => i.Seq).Order());
        Assert.Single(ids.Select(i => i.Epoch).Distinct());
    }
}
