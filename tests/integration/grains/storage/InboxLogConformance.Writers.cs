using OrleansInbox.ClientApi.Access;
using OrleansInbox.Storage;

namespace OrleansInbox.Tests.Grains.Storage;

/// <summary>The fence, erasing, idempotency keys, expiries, failures.</summary>
public abstract partial class InboxLogConformance
{
    [Fact]
    public async Task A_writer_with_stale_knowledge_is_refused_and_writes_nothing()
    {
        await Append(0, Entries(1, 3));
        await Assert.ThrowsAsync<LogConflictException>(() => Append(2, Entries(3, 5)));
        await Assert.ThrowsAsync<LogConflictException>(() => Append(0, Entry(1, "key", Birth)));
        Assert.Equal([1, 2, 3], await Seqs());
        Assert.Empty(await Log.NextExpiries(Inbox, Epoch, 10));
        Assert.False((await Append(3, Entry(4, "key")))[0].Replayed);
    }

    [Fact]
    public async Task A_writer_of_an_earlier_epoch_is_refused()
    {
        await Append(0, Entry(1));
        await Assert.ThrowsAsync<LogConflictException>(() => Log.Append(Inbox, new(Epoch - 1, 7, 0, "w1", [Entry(8)])));
        Assert.Equal([1], await Seqs());
    }

    [Fact]
    public virtual async Task A_log_that_lost_its_end_goes_on_above_it()
    {
        await Append(0, Entry(1));
        Assert.Equal(10, (await Append(9, Entry(10)))[0].Seq); // a hole is better than an id used twice
        Assert.Equal([1, 10], await Seqs());
        Assert.Equal(10, (await Open()).Head);
    }

    [Fact]
    public async Task Of_writers_at_the_same_time_one_wins_each_place()
    {
        var written = 0;
        await Task.WhenAll(Enumerable.Range(0, 8).Select(async writer =>
        {
            var head = 0L;
            for (var n = 0; n < 25; n++)
            {
                try
                {
                    await Log.Append(Inbox, new(Epoch, head, 0, $"w{writer}", [Entry(n), Entry(n)]));
                    head += 2;
                    Interlocked.Add(ref written, 2);
                }
                catch (LogConflictException)
                {
                    head = (await Open()).Head;
                }
            }
        }));
        var entries = await Log.Read(Inbox, Epoch, 1, long.MaxValue, 1_000, newestFirst: false);
        Assert.Equal(Enumerable.Range(1, written).Select(n => (long)n), entries.Select(entry => entry.Seq));
        Assert.All(entries.Chunk(2), pair => Assert.Equal(pair[0].Writer, pair[1].Writer)); // batches are not torn
    }

    [Fact]
    public async Task Many_inboxes_are_written_at_the_same_time()
    {
        var inboxes = Enumerable.Range(0, 100).Select(n => $"{Inbox}-{n}").ToArray();
        await Task.WhenAll(inboxes.Select(async inbox =>
        {
            for (var head = 0; head < 20; head++) await Log.Append(inbox, new(Epoch, head, 0, "w1", [Entry(head + 1)]));
        }));
        foreach (var inbox in inboxes) Assert.Equal(20, (await Log.Read(inbox, Epoch, 1, 100, 100, false)).Count);
    }

    [Fact]
    public async Task An_erased_inbox_is_empty_refuses_what_still_comes_and_keeps_its_epoch()
    {
        await Append(0, Entry(1, "key", Birth.AddDays(1)), Entry(2));
        await Log.Erase(Inbox, Epoch);
        await Log.Erase(Inbox, Epoch);
        await Assert.ThrowsAsync<LogConflictException>(() => Append(2, Entry(3)));
        await Reopen();
        var position = await Open();
        Assert.Equal((0, 0, null, Epoch), (position.Epoch, position.Head, position.First, position.FencedEpoch));
        Assert.Empty(position.Expiries);
        Assert.Empty(await Seqs());
    }

    [Fact]
    public async Task An_inbox_born_again_counts_from_one_and_knows_no_old_keys()
    {
        await Append(0, Entry(1, "key"), Entry(2));
        await Log.Erase(Inbox, Epoch);
        var outcome = Assert.Single(await Log.Append(Inbox, new(Epoch + 1, 0, 0, "w2", [Entry(9, "key", Birth.AddDays(2))])));
        Assert.Equal((1, false), (outcome.Seq, outcome.Replayed));
        await Log.Erase(Inbox, Epoch); // once more, late: the new one stays
        var position = await Open();
        Assert.Equal((Epoch + 1, 1, Epoch + 1), (position.Epoch, position.Head, position.FencedEpoch));
        Assert.Equal([new(1, Birth.AddDays(2))], position.Expiries);
        Assert.Equal([1], await Seqs(epoch: Epoch + 1));
        Assert.Empty(await Seqs());
    }

    [Fact]
    public async Task Erasing_what_never_was_fences_it_too()
    {
        await Log.Erase(Inbox, Epoch);
        Assert.Equal((0, Epoch), ((await Open()).Epoch, (await Open()).FencedEpoch));
        await Assert.ThrowsAsync<LogConflictException>(() => Append(0, Entry(1)));
    }

    [Fact]
    public async Task A_known_idempotency_key_answers_the_first_place_and_takes_none()
    {
        var first = (await Append(0, Entry(1, "key")))[0];
        Assert.Equal([first with { Replayed = true }], await Append(1, Entry(2, "key")));
        Assert.Equal([1], await Seqs());

        var outcomes = await Append(1, Entry(3), Entry(4, "key"), Entry(5, "other"));
        Assert.Equal([(2, false), (1, true), (3, false)], outcomes.Select(outcome => ((int)outcome.Seq, outcome.Replayed)));
        Assert.Equal([1, 2, 3], await Seqs());
    }

    [Fact]
    public async Task The_same_key_twice_in_one_batch_is_written_once()
    {
        var outcomes = await Append(0, Entry(1), Entry(2, "key"), Entry(3, "key"), Entry(4));
        Assert.Equal([(1, false), (2, false), (2, true), (3, false)], outcomes.Select(outcome => ((int)outcome.Seq, outcome.Replayed)));
        Assert.Equal(Birth.AddSeconds(2), outcomes[2].CreatedAt);
    }

    [Fact]
    public async Task A_key_is_known_after_reopening_and_after_its_entry_is_gone()
    {
        await Append(0, Entry(1, "key"));
        await Log.Delete(Inbox, Epoch, [1]);
        await Reopen();
        Assert.Equal([new(1, Birth.AddSeconds(1), true)], await Append(1, Entry(2, "key")));
    }

    [Fact]
    public async Task Expiries_come_soonest_first_until_their_entry_is_removed()
    {
        await Append(0, Entry(1, expiresAt: Birth.AddDays(3)), Entry(2), Entry(3, "key", Birth.AddDays(1)), Entry(4, expiresAt: Birth.AddDays(2)));
        Assert.Equal([new(3, Birth.AddDays(1)), new(4, Birth.AddDays(2))], await Log.NextExpiries(Inbox, Epoch, 2));
        await Log.Delete(Inbox, Epoch, [3]);
        await Reopen();
        Assert.Equal([new(4, Birth.AddDays(2)), new(1, Birth.AddDays(3))], (await Open()).Expiries);
        Assert.Empty(await Log.NextExpiries(Inbox, Epoch + 1, 10));
    }

    [Fact]
    public async Task Open_carries_a_hundred_expiries_at_most()
    {
        await Append(0, [.. Enumerable.Range(1, 150).Select(n => Entry(n, expiresAt: Birth.AddDays(n)))]);
        Assert.Equal(Enumerable.Range(1, LogPosition.MaxExpiries).Select(n => (long)n), (await Open()).Expiries.Select(expiry => expiry.Seq));
    }

    [Fact]
    public async Task A_backend_that_fails_in_the_middle_loses_and_doubles_nothing()
    {
        await Append(0, Entries(1, 3));
        await Break();
        var failed = await Assert.ThrowsAsync<StorageUnavailableException>(() => Append(3, Entry(4, "key"), Entry(5)));
        await Heal();
        var head = (await Open()).Head;
        Assert.True(head == 3 || (failed.Uncertain && head == 5), $"head {head}, uncertain {failed.Uncertain}");
        await Append(head, Entry(6, "key"), Entry(7));
        var seqs = await Seqs();
        Assert.Equal(Enumerable.Range(1, seqs.Count).Select(n => (long)n), seqs);
        Assert.Equal(head == 3 ? 5 : 6, seqs.Count);
    }
}
