using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;
using OrleansInbox.ClientApi.Endpoints;

namespace OrleansInbox.Tests.Grains.Inboxes;

[Collection(RedisInboxes.Name)]
public sealed class ScansOnRedis(RedisInboxes inboxes) : ScanTests(inboxes);

[Collection(SqliteInboxes.Name)]
public sealed class ScansOnSqlite(SqliteInboxes inboxes) : ScanTests(inboxes);

/// <summary>What has to look into the entries: how much it reads, and when it ends.</summary>
public abstract class ScanTests(InboxFixture inboxes) : InboxGrainTests(inboxes)
{
    private const int _stretch = 200;

    public static TheoryData<int> Sizes => new() { 600, 20_000 };

    [Theory, MemberData(nameof(Sizes))]
    public async Task One_read_covers_a_stretch_however_many_ranges_the_marks_cut_it_into(int kept)
    {
        var host = await Start(new InboxOptions { Retention = new RetentionOptions { MaxCount = kept } });
        var inbox = await Alternating(host, kept);
        var before = host.Log.Reads;
        var most = kept / _stretch + 1;

        Assert.Empty(await Titles(inbox, new ListQuery { Status = StatusFilter.Unread, Types = ["zzz"] }));
        Assert.InRange(Reads(), 1, most);
        Assert.Equal(kept - 1, (await inbox.CountsOf(["test"])).Total);
        Assert.InRange(Reads(), 1, most);
        Assert.Equal(["1"], await Titles(inbox, new ListQuery { Status = StatusFilter.Unread, Group = "g" }));
        Assert.InRange(Reads(), 1, most);
        Assert.Equal(100, (await Titles(inbox, new ListQuery { Status = StatusFilter.Unread, Limit = 100 })).Length);
        Assert.InRange(Reads(), 1, 2);
        var first = (await inbox.Counts()).Head!.Value with { Seq = 0 };
        Assert.Equal(50, (await Titles(inbox, new ListQuery { Status = StatusFilter.Read, After = first, Limit = 50 })).Length);
        Assert.InRange(Reads(), 1, 2);
        Assert.Equal(kept / 2 - 1, (await inbox.Mark(new MarkRequest { Action = MarkAction.Archive, Group = "g" })).Unread);
        Assert.InRange(Reads(), 1, most);

        int Reads()
        {
            var reads = host.Log.Reads - before;
            before += reads;
            return reads;
        }
    }

    [Fact]
    public async Task A_scan_that_is_cancelled_reads_no_further_and_others_go_on_meanwhile()
    {
        var host = await Start(configure: services => // a call that was cancelled ends when the grain knows it
        {
            services.Configure<SiloMessagingOptions>(o => o.WaitForCancellationAcknowledgement = true);
            services.Configure<ClientMessagingOptions>(o => o.WaitForCancellationAcknowledgement = true);
        });
        var inbox = await Alternating(host, 598);
        var other = host.Inbox(User + "-other");
        for (var i = 0; i < 40; i++) await other.Append(New($"{i}"));
        var (reached, goOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        var reads = new ConcurrentQueue<string>();
        var key = InboxKey.Of(InboxKey.DefaultTenant, User);
        host.Log.BeforeRead = async of =>
        {
            reads.Enqueue(of);
            if (of != key) return;
            reached.TrySetResult();
            await goOn.Task;
        };
        using CancellationTokenSource left = new(), cancelled = new();
        var query = new ListQuery { Types = ["zzz"] };
        var client = new InboxClient(host.Services.GetRequiredService<InboxGrains>(), host.Cluster, host.Services.GetRequiredService<ClusterLink>(), host.Time);
        var scan = client.Scan(key, static (grain, asked, _, ends) => grain.List(asked, ends), query, left.Token); // as for a request
        await reached.Task;
        var waiting = Enumerable.Range(0, 10).Select(_ => inbox.List(query, cancelled.Token)).ToList();

        Assert.Equal(40, (await Titles(other, new ListQuery { Limit = 100 })).Length);
        Assert.Equal(299, (await inbox.Counts()).Unread); // the same inbox too
        await inbox.Append(New("one more"));
        Assert.Equal(300, (await inbox.Counts()).Unread);
        await left.CancelAsync();
        await cancelled.CancelAsync();
        foreach (var ended in waiting) await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ended);
        goOn.SetResult();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => scan);
        Assert.Single(reads, key);
        Assert.Empty(await Titles(inbox, query)); // has its turn
    }

    [Fact]
    public async Task A_scan_ends_at_its_deadline_and_those_that_wait_at_theirs()
    {
        var host = await Start(new InboxOptions { ScanTimeout = TimeSpan.FromMilliseconds(100) });
        var inbox = await Alternating(host, 600);
        var goOn = new TaskCompletionSource();
        host.Log.BeforeRead = _ => goOn.Task;
        var before = host.Log.Reads;
        Task<InboxCounts>[] scans =
        [
            inbox.Mark(new MarkRequest { Action = MarkAction.Read, Group = "g" }),
            .. Enumerable.Range(0, 80).Select(_ => inbox.CountsOf(["zzz"])),
        ];
        foreach (var waiting in scans[1..]) Assert.False((await Assert.ThrowsAsync<StorageUnavailableException>(() => waiting)).Uncertain);
        await Assert.ThrowsAsync<StorageUnavailableException>(() => inbox.CountsOf(["zzz"])); // began when the first one's time was about up
        goOn.SetResult();
        await Assert.ThrowsAsync<StorageUnavailableException>(() => scans[0]);
        Assert.InRange(host.Log.Reads, before, before + 1);
        await Eventually.Succeeds(() => inbox.CountsOf(["zzz"]), "a scan that has the storage again");
        Assert.Equal(300, (await inbox.Counts()).Unread); // the mark was not made
    }

    /// <summary>Of an even number, every second one is read; the oldest is the only one of its type and group.</summary>
    private async Task<IInboxGrain> Alternating(InboxHost host, int count)
    {
        var inbox = host.Inbox(User);
        await inbox.Append(New("1", group: "g") with { Type = "first" });
        for (var from = 2; from <= count; from += 5_000)
            await Task.WhenAll(Enumerable.Range(from, Math.Min(5_000, count + 1 - from)).Select(n => inbox.Append(New($"{n}"))));
        var head = (await inbox.Counts()).Head!.Value;
        for (var from = 2; from <= count; from += 2 * MarkRequest.MaxIds)
        {
            var ids = Enumerable.Range(0, MarkRequest.MaxIds).Select(i => new NotificationId(head.Epoch, from + 2 * i)).Where(id => id.Seq <= count);
            await inbox.Mark(new MarkRequest { Action = MarkAction.Read, Ids = [.. ids] });
        }
        return inbox;
    }
}
