using System.Text.Json;
using OrleansInbox.Storage;

namespace OrleansInbox.Tests.Grains;

/// <summary>The grain on a real log. Derived once for each storage.</summary>
public abstract class InboxGrainTests : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("inbox-grain-");
    private readonly List<InboxHost> _hosts = [];

    protected abstract string? Redis { get; }

    public virtual Task InitializeAsync() => Task.CompletedTask;

    public virtual async Task DisposeAsync()
    {
        foreach (var host in _hosts) await host.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private async Task<InboxHost> Start(InboxOptions? options = null)
    {
        var host = await InboxHost.Start(Redis, _folder.FullName, options);
        _hosts.Add(host);
        return host;
    }

    private async Task Stop(InboxHost host)
    {
        _hosts.Remove(host);
        await host.DisposeAsync();
    }

    private static NewNotification New(string title, string? key = null, string? group = null, DateTimeOffset? expiresAt = null) =>
        new() { Type = "test", Title = title, IdempotencyKey = key, Group = group, ExpiresAt = expiresAt };

    private static async Task<string[]> Titles(IInboxGrain inbox, ListQuery? query = null)
    {
        var page = await inbox.List(query ?? new ListQuery { Limit = 100 });
        using var json = JsonDocument.Parse(page.Json);
        return [.. json.RootElement.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("title").GetString()!)];
    }

    [Fact]
    public async Task What_is_appended_is_listed_newest_first_and_counted()
    {
        var inbox = (await Start()).Inbox("ann");
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
        var host = await Start();
        var inbox = host.Inbox("ann");
        await inbox.Append(New("0"));
        TaskCompletionSource reached = new(), go = new();
        host.Log.BeforeAppend = _ =>
        {
            reached.TrySetResult();
            return go.Task;
        };
        var before = host.Log.Appends;
        var first = inbox.Append(New("1"));
        await reached.Task;
        var others = Enumerable.Range(2, 100).Select(i => inbox.Append(New($"{i}"))).ToArray();
        await inbox.Counts(); // is answered after all of them have reached the grain
        go.SetResult();
        await first;
        var ids = await Task.WhenAll(others);
        Assert.Equal(2, host.Log.Appends - before);
        Assert.Equal(Enumerable.Range(3, 100).Select(i => (long)i), ids.Select(a => a.Id.Seq).Order());
    }

    [Fact]
    public async Task One_idempotency_key_makes_one_notification_at_once_later_and_after_a_restart()
    {
        var host = await Start();
        var inbox = host.Inbox("ann");
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => inbox.Append(New("once", "k"))));
        Assert.Single(answers, a => !a.Replayed);
        Assert.Single(answers.Select(a => (a.Id, a.CreatedAt)).Distinct());
        await Stop(host);
        inbox = (await Start()).Inbox("ann");
        var again = await inbox.Append(New("once", "k"));
        Assert.True(again.Replayed);
        Assert.Equal((answers[0].Id, answers[0].CreatedAt), (again.Id, again.CreatedAt));
        Assert.Equal(2, (await inbox.Append(New("other", "l"))).Id.Seq);
        Assert.Equal(["other", "once"], await Titles(inbox));
    }

    [Fact]
    public async Task One_idempotency_key_is_for_one_notification_also_within_a_write_and_after_a_restart()
    {
        var host = await Start();
        var inbox = host.Inbox("ann");
        await inbox.Append(New("0"));
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Answer(i % 2 == 0 ? "even" : "odd")));
        Assert.Equal(["known", "known", "known", "refused", "refused", "refused", "refused", "stored"], answers.Select(answer => answer.Outcome).Order());
        var stored = Assert.Single(answers.Select(answer => answer.Id).Distinct());
        var title = (await Titles(inbox))[0];
        Assert.Equal(2, (await inbox.Counts()).Total);

        await Stop(host);
        inbox = (await Start()).Inbox("ann");
        Assert.Equal(stored, (await Assert.ThrowsAsync<KeyReusedException>(() => inbox.Append(New("third", "k")))).First);
        Assert.True((await inbox.Append(New(title, "k"))).Replayed);
        Assert.Equal([title, "0"], await Titles(inbox));

        async Task<(NotificationId Id, string Outcome)> Answer(string title)
        {
            try
            {
                var appended = await inbox.Append(New(title, "k"));
                return (appended.Id, appended.Replayed ? "known" : "stored");
            }
            catch (KeyReusedException reused)
            {
                return (reused.First, "refused");
            }
        }
    }

    [Fact]
    public async Task A_response_that_is_lost_after_the_write_was_taken_makes_no_double_and_no_hole()
    {
        var host = await Start();
        var inbox = host.Inbox("ann");
        await inbox.Append(New("1"));
        host.Log.AfterAppend = _ =>
        {
            host.Log.AfterAppend = null;
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
        var host = await Start();
        var inbox = host.Inbox("ann");
        host.Log.BeforeAppend = _ =>
        {
            host.Log.BeforeAppend = null;
            throw new StorageUnavailableException("the request was lost") { Uncertain = true };
        };
        Assert.Equal(1, (await inbox.Append(New("1"))).Id.Seq);
        Assert.Equal(["1"], await Titles(inbox));
    }

    [Fact]
    public async Task When_the_fate_of_a_write_cannot_be_found_out_the_caller_hears_so_and_a_repeat_by_key_makes_no_double()
    {
        var host = await Start();
        var inbox = host.Inbox("ann");
        await inbox.Append(New("1"));
        host.Log.AfterAppend = _ => throw new StorageUnavailableException("the response was lost") { Uncertain = true };
        host.Log.BeforeOpen = () => throw new StorageUnavailableException("away");
        var failure = await Assert.ThrowsAsync<StorageUnavailableException>(() => inbox.Append(New("2", "k")));
        Assert.True(failure.Uncertain);
        (host.Log.AfterAppend, host.Log.BeforeOpen) = (null, null);
        var repeated = await inbox.Append(New("2", "k"));
        Assert.True(repeated.Replayed);
        Assert.Equal(["2", "1"], await Titles(inbox));
        Assert.Equal(2, (await inbox.Counts()).Total);
    }

    [Fact]
    public async Task What_storage_refused_is_not_served()
    {
        var host = await Start();
        var inbox = host.Inbox("ann");
        await inbox.Append(New("1"));
        host.Log.BeforeAppend = _ => throw new StorageUnavailableException("away");
        var failure = await Assert.ThrowsAsync<StorageUnavailableException>(() => inbox.Append(New("2")));
        Assert.False(failure.Uncertain);
        Assert.Equal(["1"], await Titles(inbox));
        host.Log.BeforeAppend = null;
        Assert.Equal(2, (await inbox.Append(New("3"))).Id.Seq);
        Assert.Equal(["3", "1"], await Titles(inbox));
    }

    [Fact]
    public async Task After_the_log_refused_us_we_reload_and_keep_the_order()
    {
        var host = await Start();
        var inbox = host.Inbox("ann");
        var first = await inbox.Append(New("1"));
        var other = new NewLogEntry("""{"createdAt":"2026-01-01T00:00:00.000Z","type":"test","title":"other"}"""u8.ToArray(), first.CreatedAt.AddMilliseconds(1));
        await host.Log.Real.Append(InboxKey.Of(InboxKey.DefaultTenant, "ann"), new LogBatch(first.Id.Epoch, 1, 0, "other", [other]));
        Assert.Equal(3, (await inbox.Append(New("2"))).Id.Seq);
        Assert.Equal(["2", "other", "1"], await Titles(inbox));
        Assert.Equal(3, (await inbox.Counts()).Unread);
    }

    [Fact]
    public async Task Two_activations_of_one_inbox_make_one_order()
    {
        var first = await Start();
        if (Redis is null) return; // one process owns a SQLite file
        var second = await Start();
        var appends = Enumerable.Range(0, 50).SelectMany(i => new[] { first, second }.Select(h => h.Inbox("ann").Append(New($"{i}"))));
        var ids = (await Task.WhenAll(appends)).Select(a => a.Id).ToArray();
        Assert.Equal(Enumerable.Range(1, 100).Select(i => (long)i), ids.Select(i => i.Seq).Order());
        Assert.Single(ids.Select(i => i.Epoch).Distinct());
    }

    [Fact]
    public async Task An_activation_costs_one_look_at_the_log_however_large_the_inbox()
    {
        var host = await Start(new InboxOptions { Retention = new RetentionOptions { MaxCount = 100_000 } });
        var inbox = host.Inbox("ann");
        for (var i = 0; i < 10; i++) await Task.WhenAll(Enumerable.Range(0, 500).Select(n => inbox.Append(New($"{n}"))));
        await inbox.Mark(new MarkRequest { Action = MarkAction.Read, UpTo = new((await inbox.Counts()).Head!.Value.Epoch, 4_000) });
        await Stop(host);
        host = await Start(new InboxOptions { Retention = new RetentionOptions { MaxCount = 100_000 } });
        var counts = await host.Inbox("ann").Counts();
        Assert.Equal((1_000L, 5_000L), (counts.Unread, counts.Total));
        Assert.Equal((1, 0), (host.Log.Opens, host.Log.Reads)); // and the runtime's read of the marks
    }

    [Fact]
    public async Task Retention_by_count_is_exact()
    {
        var inbox = (await Start(new InboxOptions { Retention = new RetentionOptions { MaxCount = 5 } })).Inbox("ann");
        for (var i = 1; i <= 8; i++) await inbox.Append(New($"{i}"));
        Assert.Equal(["8", "7", "6", "5", "4"], await Titles(inbox));
        Assert.Equal(5, (await inbox.Counts()).Total);
    }

    [Fact]
    public async Task Retention_by_age_is_exact_while_active_and_after_a_restart()
    {
        var host = await Start();
        var inbox = host.Inbox("ann");
        await inbox.Append(New("old"));
        host.Time.Move(TimeSpan.FromDays(60));
        await inbox.Append(New("young"));
        var before = await inbox.Counts();
        host.Time.Move(TimeSpan.FromDays(31));
        Assert.Equal(["young"], await Titles(inbox));
        var counts = await inbox.Counts();
        Assert.Equal((1L, 1L), (counts.Total, counts.Unread));
        Assert.True(counts.Version > before.Version);
        await Stop(host);
        host = await Start();
        host.Time.Move(TimeSpan.FromDays(91));
        Assert.Equal(counts, await host.Inbox("ann").Counts());
    }

    [Fact]
    public async Task An_expired_notification_is_gone_at_its_time()
    {
        var host = await Start();
        var inbox = host.Inbox("ann");
        await inbox.Append(New("stays"));
        var brief = await inbox.Append(New("brief", expiresAt: host.Time.GetUtcNow().AddHours(1)));
        Assert.Equal(2, (await inbox.Counts()).Unread);
        host.Time.Move(TimeSpan.FromHours(2));
        Assert.Equal(["stays"], await Titles(inbox));
        Assert.Equal((1L, 1L), ((await inbox.Counts()).Unread, (await inbox.Counts()).Total));
        Assert.Null((await inbox.Get(brief.Id)).Json);
        await Stop(host);
        Assert.Equal(["stays"], await Titles((await Start()).Inbox("ann")));
    }

    [Fact]
    public async Task Counts_of_types_are_read_once_for_each_version()
    {
        var host = await Start();
        var inbox = host.Inbox("ann");
        for (var i = 0; i < 300; i++) await inbox.Append(New($"{i}") with { Type = i % 3 == 0 ? "a" : "b" });
        Assert.Equal((100, 100), await Counts("a"));
        var reads = host.Log.Reads;
        for (var i = 0; i < 5; i++) Assert.Equal((100, 100), await Counts("a"));
        Assert.Equal(reads, host.Log.Reads);
        await inbox.Mark(new MarkRequest { Action = MarkAction.Read, All = true, Types = ["a"] });
        Assert.Equal((0, 100), await Counts("a"));
        Assert.Equal((200, 200), await Counts("b"));
        await inbox.Append(New("new") with { Type = "a" });
        Assert.Equal((1, 101), await Counts("a"));

        async Task<(long Unread, long Total)> Counts(string type)
        {
            var counts = await inbox.CountsOf([type]);
            Assert.Equal((await inbox.Counts()).Version, counts.Version);
            return (counts.Unread, counts.Total);
        }
    }

    [Theory]
    [InlineData(MarkAction.Read)]
    [InlineData(MarkAction.Archive)]
    [InlineData(MarkAction.Delete)]
    public async Task A_group_is_marked_as_a_whole(MarkAction action)
    {
        var inbox = (await Start()).Inbox("ann");
        await Task.WhenAll(Enumerable.Range(0, 450).Select(i => inbox.Append(New($"{i}", group: i % 2 == 0 ? "even" : "odd"))));
        var counts = await inbox.Mark(new MarkRequest { Action = action, Group = "even" });
        Assert.Equal((225, action == MarkAction.Delete ? 225 : 450), (counts.Unread, counts.Total));
        var left = await Titles(inbox, new ListQuery { Limit = 100, Status = StatusFilter.Unread, Group = "even" });
        Assert.Empty(left);
    }

    [Fact]
    public async Task What_was_deleted_at_once_leaves_the_log_or_stays_hidden()
    {
        var host = await Start(new InboxOptions { Retention = new RetentionOptions { MaxCount = 5_000 } });
        var inbox = host.Inbox("ann");
        await Task.WhenAll(Enumerable.Range(0, 2_200).Select(i => inbox.Append(New($"{i}"))));
        var head = (await inbox.Counts()).Head!.Value;
        await inbox.Watch("front-end");
        var version = (await inbox.Counts()).Version;
        Assert.Equal(100, (await inbox.Mark(new MarkRequest { Action = MarkAction.Delete, UpTo = new(head.Epoch, 2_100) })).Total);
        Assert.Equal(3, (await inbox.Counts()).Version - version); // three events
        Assert.Equal(2_101, (await host.Log.Real.Read(InboxKey.Of(InboxKey.DefaultTenant, "ann"), head.Epoch, 1, head.Seq, 1, newestFirst: false))[0].Seq);

        host.Log.BeforeDelete = () => throw new StorageUnavailableException("away");
        Assert.Equal(0, (await inbox.Mark(new MarkRequest { Action = MarkAction.Delete, All = true })).Total);
        Assert.Empty(await Titles(inbox, new ListQuery { Status = StatusFilter.All }));
    }

    [Fact]
    public async Task Marks_survive_a_restart()
    {
        var host = await Start();
        var inbox = host.Inbox("ann");
        var ids = new List<NotificationId>();
        for (var i = 0; i < 5; i++) ids.Add((await inbox.Append(New($"{i}", group: i % 2 == 0 ? "even" : "odd"))).Id);
        await inbox.Mark(new MarkRequest { Action = MarkAction.Read, Group = "even" });
        await inbox.Mark(new MarkRequest { Action = MarkAction.Archive, Ids = [ids[1]] });
        await inbox.Delete(ids[4]);
        await inbox.Mark(new MarkRequest { Action = MarkAction.Seen, UpTo = ids[2] });
        var counts = await inbox.Counts();
        Assert.Equal((1L, 1L, 4L), (counts.Unread, counts.Unseen, counts.Total));
        await Stop(host);
        inbox = (await Start()).Inbox("ann");
        Assert.Equal(counts, await inbox.Counts());
        Assert.Equal(["3"], await Titles(inbox, new ListQuery { Status = StatusFilter.Unread }));
        Assert.Equal(["2", "0"], await Titles(inbox, new ListQuery { Status = StatusFilter.Read }));
        Assert.Equal(["1"], await Titles(inbox, new ListQuery { Status = StatusFilter.Archived }));
    }

    [Fact]
    public async Task A_change_that_comes_when_nobody_waits_any_more_is_not_made()
    {
        var host = await Start();
        var inbox = host.Inbox("ann");
        var id = (await inbox.Append(New("1"))).Id;
        var read = new MarkRequest { Action = MarkAction.Read, Ids = [id] };
        var until = host.Time.GetUtcNow().AddSeconds(2);
        host.Time.Move(TimeSpan.FromSeconds(3)); // what was sent before sits in a frozen silo's socket
        await Assert.ThrowsAsync<TimeoutException>(() => inbox.Mark(read, until));
        await Assert.ThrowsAsync<TimeoutException>(() => inbox.Patch(id, read: true, archived: true, until));
        await Assert.ThrowsAsync<TimeoutException>(() => inbox.Erase(until));
        Assert.Equal((1, 1), ((await inbox.Counts()).Unread, (await inbox.Counts()).Total));
        Assert.Equal(0, (await inbox.Mark(read, host.Time.GetUtcNow().AddSeconds(2))).Unread);
    }

    [Fact]
    public async Task Marks_and_appends_at_the_same_time_agree()
    {
        var inbox = (await Start()).Inbox("ann");
        await inbox.Append(New("0"));
        var work = Enumerable.Range(0, 200).Select(i => i % 4 == 0
            ? (Task)inbox.Mark(new MarkRequest { Action = i % 8 == 0 ? MarkAction.Read : MarkAction.Archive, All = true })
            : inbox.Append(New($"{i}")));
        await Task.WhenAll(work);
        var counts = await inbox.Counts();
        Assert.Equal(151, counts.Total);
        Assert.Equal(Math.Min(100, counts.Unread), (await Titles(inbox, new ListQuery { Limit = 100, Status = StatusFilter.Unread })).Length);
        await inbox.Mark(new MarkRequest { Action = MarkAction.Archive, All = true });
        Assert.Equal((0L, 151L), ((await inbox.Counts()).Unread, (await inbox.Counts()).Total));
    }

    [Fact]
    public async Task An_erased_inbox_is_born_again_with_greater_ids_and_versions()
    {
        var host = await Start();
        var inbox = host.Inbox("ann");
        var old = await inbox.Append(New("old", "k"));
        await inbox.Mark(new MarkRequest { Action = MarkAction.Read, All = true });
        var before = await inbox.Counts();
        await inbox.Erase();
        var empty = await inbox.Counts();
        Assert.Equal((0L, null), (empty.Total, empty.Head));
        Assert.True(empty.Version > before.Version);
        Assert.Empty(await Titles(inbox));
        var reborn = await inbox.Append(New("new", "k"));
        Assert.False(reborn.Replayed);
        Assert.True(reborn.Id > old.Id);
        Assert.Equal(1, reborn.Id.Seq);
        Assert.Equal(1, (await inbox.Counts()).Unread);
        await Stop(host);
        Assert.Equal(["new"], await Titles((await Start()).Inbox("ann")));
    }

    [Fact]
    public async Task Pages_to_older_and_newer_cover_everything_once()
    {
        var inbox = (await Start()).Inbox("ann");
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
        var inbox = (await Start()).Inbox("ann");
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
