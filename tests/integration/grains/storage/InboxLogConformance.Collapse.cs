using OrleansInbox.Storage;

namespace OrleansInbox.Tests.Grains.Storage;

/// <summary>One entry of a collapse key: the newest.</summary>
public abstract partial class InboxLogConformance
{
    private static NewLogEntry About(int n, string collapseKey, string? key = null) => Entry(n, key) with { CollapseKey = collapseKey };

    [Fact]
    public async Task Who_had_the_collapse_key_expires_with_the_append_that_takes_it()
    {
        Assert.Null(Assert.Single(await Append(0, About(1, "order:17"))).Replaced);
        Assert.Equal([null, null, 1], (await Append(1, Entry(2), About(3, "order:18"), About(4, "order:17"))).Select(outcome => outcome.Replaced));
        Assert.Equal([3, 5], (await Append(4, About(5, "order:18"), About(6, "order:18"))).Select(outcome => outcome.Replaced)); // in one write
        await Reopen();
        Assert.Equal([1L, 3, 5], (await Open()).Expiries.Select(expiry => expiry.Seq).Order());
        Assert.All((await Open()).Expiries, expiry => Assert.Equal(InboxLimits.Replaced, expiry.At.ToUnixTimeMilliseconds()));
        Assert.Equal([1, 2, 3, 4, 5, 6], await Seqs()); // the marks say first that they are gone
        Assert.Equal((4, 6, null), (await Log.Find(Inbox, Epoch, "order:17"), await Log.Find(Inbox, Epoch, "order:18"), await Log.Find(Inbox, Epoch, "order:1")));
        await Log.Delete(Inbox, Epoch, [1, 3, 5]);
        Assert.Empty((await Open()).Expiries);
    }

    [Fact]
    public async Task What_is_not_there_any_more_has_no_collapse_key()
    {
        await Append(0, About(1, "a"), About(2, "b"), Entry(3));
        await Log.Delete(Inbox, Epoch, [2]);
        Assert.Null(await Log.Find(Inbox, Epoch, "b"));
        Assert.Null(Assert.Single(await Append(3, About(4, "b"))).Replaced);
        Assert.Equal(4, await Log.Find(Inbox, Epoch, "b"));
        Assert.Null(await Log.Find(Inbox, Epoch + 1, "b"));

        await Log.Erase(Inbox, Epoch);
        Assert.Null(await Log.Find(Inbox, Epoch, "a"));
        var born = await Log.Append(Inbox, new(Epoch + 1, 0, 0, "w1", [Entry(5), About(6, "a")])); // seq 1 had it in the epoch before
        Assert.Equal([null, null], born.Select(outcome => outcome.Replaced));
        Assert.Equal(2, await Log.Find(Inbox, Epoch + 1, "a"));
        await Log.Forget(Inbox, Epoch + 2, TimeSpan.FromDays(1));
        Assert.Null(await Log.Find(Inbox, Epoch + 1, "a"));
    }

    [Fact]
    public async Task An_idempotent_append_that_comes_again_replaces_nothing()
    {
        await Append(0, About(1, "a", "once"));
        await Append(1, About(2, "a"));
        var again = Assert.Single(await Append(2, About(1, "a", "once")));
        Assert.Equal((1, true, null), (again.Seq, again.Replayed, again.Replaced));
        Assert.Equal(2, await Log.Find(Inbox, Epoch, "a"));
    }

    [Fact]
    public async Task What_is_trimmed_leaves_no_collapse_key_behind()
    {
        for (var n = 1; n <= 400; n++) await Append(n - 1, About(n, $"key-{n}"));
        await Log.Append(Inbox, new(Epoch, 400, 300, "w1", [About(401, "key-7")]));
        Assert.Equal(401, await Log.Find(Inbox, Epoch, "key-7"));
        Assert.Equal(350, await Log.Find(Inbox, Epoch, "key-350"));
        await WithoutTrimmedKeys();
    }

    /// <summary>A backend that keeps the keys beside the entries shows that the trimmed ones are gone.</summary>
    protected virtual Task WithoutTrimmedKeys() => Task.CompletedTask;
}
