using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace OrleansInbox.Tests.Grains.Inboxes;

[Collection(RedisInboxes.Name)]
public sealed class RetentionOnRedis(RedisInboxes inboxes) : RetentionTests(inboxes);

[Collection(SqliteInboxes.Name)]
public sealed class RetentionOnSqlite(SqliteInboxes inboxes) : RetentionTests(inboxes);

/// <summary>What leaves an inbox: by count, by age, at its expiry, and all of it by an erase.</summary>
public abstract class RetentionTests(InboxFixture inboxes) : InboxGrainTests(inboxes)
{
    [Fact]
    public async Task Retention_by_count_is_exact()
    {
        var inbox = (await Start(new InboxOptions { Retention = new RetentionOptions { MaxCount = 5 } })).Inbox(User);
        for (var i = 1; i <= 8; i++) await inbox.Append(New($"{i}"));
        Assert.Equal(["8", "7", "6", "5", "4"], await Titles(inbox));
        Assert.Equal(5, (await inbox.Counts()).Total);
    }

    [Fact]
    public async Task Retention_by_age_is_exact_while_active_and_after_a_restart()
    {
        var host = await Start();
        var inbox = host.Inbox(User);
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
        Assert.Equal(counts, await host.Inbox(User).Counts());
    }

    [Fact]
    public async Task An_expired_notification_is_gone_at_its_time()
    {
        var host = await Start();
        var inbox = host.Inbox(User);
        await inbox.Append(New("stays"));
        var brief = await inbox.Append(New("brief", expiresAt: host.Time.GetUtcNow().AddHours(1)));
        Assert.Equal(2, (await inbox.Counts()).Unread);
        host.Time.Move(TimeSpan.FromHours(2));
        Assert.Equal(["stays"], await Titles(inbox));
        Assert.Equal((1L, 1L), ((await inbox.Counts()).Unread, (await inbox.Counts()).Total));
        Assert.Null((await inbox.Get(brief.Id)).Json);
        await Stop(host);
        Assert.Equal(["stays"], await Titles((await Start()).Inbox(User)));
    }

    [Fact]
    public async Task A_clock_that_was_far_ahead_drops_nothing_and_leaves_no_trace()
    {
        var warnings = new CollectedLog();
        var host = await Start(configure: services => services.AddSingleton<ILoggerProvider>(warnings));
        var inbox = host.Inbox(User);
        await inbox.Append(New("1"));
        await inbox.Append(New("2", "key", expiresAt: host.Time.GetUtcNow().AddDays(7)));
        var before = (await inbox.Counts()).Version;
        host.Time.Leap(TimeSpan.FromDays(100));
        var ahead = await inbox.Append(New("3"));
        Assert.Equal(2, (await inbox.Mark(new MarkRequest { Action = MarkAction.Read, Ids = [ahead.Id] })).Unread);
        for (var i = 4; i <= 80; i++) await inbox.Append(New($"{i}")); // trims
        await Stop(host); // back again, and its memory is lost
        host = await Start();
        inbox = host.Inbox(User);
        var counts = await inbox.Counts();
        Assert.Equal((79L, 80L), (counts.Unread, counts.Total));
        Assert.True(counts.Version > before);
        var now = await inbox.Append(New("81"));
        Assert.InRange(now.CreatedAt, host.Time.GetUtcNow().AddMinutes(-1), host.Time.GetUtcNow());
        Assert.True((await inbox.Append(New("2", "key", expiresAt: host.Time.GetUtcNow().AddDays(7)) with { KeyIsForRetries = true })).Replayed);
        Assert.Equal(["2", "1"], (await Titles(inbox))[^2..]);
        Assert.Single(warnings.Messages, message => message.Contains("leapt ahead", StringComparison.Ordinal));
        host.Time.Move(TimeSpan.FromDays(89));
        Assert.Equal(80, (await inbox.Counts()).Total); // all but the one that expired
        host.Time.Move(TimeSpan.FromDays(2));
        Assert.Equal(79, (await inbox.Counts()).Total); // and the first; what was published from the wrong date on stays longer
    }

    [Fact]
    public async Task A_silo_that_starts_with_a_clock_far_ahead_drops_nothing()
    {
        var host = await Start();
        for (var i = 1; i <= 3; i++) await host.Inbox(User).Append(New($"{i}"));
        await Stop(host);
        host = await Start(ahead: TimeSpan.FromDays(100));
        Assert.Equal(["3", "2", "1"], await Titles(host.Inbox(User)));
        var ahead = await host.Inbox(User).Append(New("4"));
        await host.Inbox(User).Mark(new MarkRequest { Action = MarkAction.Read, Ids = [ahead.Id] });
        await Stop(host);
        host = await Start();
        Assert.Equal(["4", "3", "2", "1"], await Titles(host.Inbox(User)));
        Assert.Equal(3, (await host.Inbox(User).Counts()).Unread);
        Assert.True((await host.Inbox(User).Append(New("5"))).CreatedAt < ahead.CreatedAt);
    }

    [Fact]
    public async Task A_leap_that_lasts_is_believed()
    {
        var host = await Start();
        var inbox = host.Inbox(User);
        await inbox.Append(New("old"));
        host.Time.Leap(TimeSpan.FromDays(100)); // the machine slept
        Assert.Equal(1, (await inbox.Counts()).Total);
        await inbox.Append(New("new"));
        host.Time.Move(TimeSpan.FromMinutes(59));
        Assert.Equal(2, (await inbox.Counts()).Total);
        host.Time.Move(TimeSpan.FromMinutes(2));
        Assert.Equal(1, (await inbox.Counts()).Total);
    }

    [Fact]
    public async Task An_erased_inbox_starts_again_with_greater_ids_and_versions()
    {
        var inbox = Inbox;
        var old = await inbox.Append(New("old", "k"));
        await inbox.Mark(new MarkRequest { Action = MarkAction.Read, All = true });
        var before = await inbox.Counts();
        await inbox.Erase();
        var empty = await inbox.Counts();
        Assert.Equal((0L, null), (empty.Total, empty.Head));
        Assert.True(empty.Version > before.Version);
        Assert.Empty(await Titles(inbox));
        var again = await inbox.Append(New("new", "k"));
        Assert.False(again.Replayed);
        Assert.True(again.Id > old.Id);
        Assert.Equal(1, again.Id.Seq);
        Assert.Equal(1, (await inbox.Counts()).Unread);
        await Restart();
        Assert.Equal(["new"], await Titles(Inbox));
    }
}
