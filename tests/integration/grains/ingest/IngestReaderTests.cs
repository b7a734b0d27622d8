using OrleansInbox.Storage;

namespace OrleansInbox.Tests.Grains.Ingest;

/// <summary>Each entry once, and in order for each user, whatever happens to a reader.</summary>
public sealed class IngestReaderTests
{
    [Fact]
    public async Task Thousands_that_wait_are_appended_once_and_in_order_and_leave_the_stream()
    {
        const int count = 2_000, users = 20;
        await using var ingest = await IngestFixture.Open();
        await ingest.Publisher.Add(0, count, users);
        var host = await ingest.Host(StreamPublisher.Stream);
        await ingest.Publisher.Drained();
        await StreamPublisher.AssertOnceAndInOrder(host.Inbox, count, users);
        Assert.Equal(0, await ingest.Publisher.Pending());
        Assert.Empty(await ingest.Publisher.Refused());

        await ingest.Publisher.Add(count, 20, users); // to a stream that is empty
        await ingest.Publisher.Drained();
        await StreamPublisher.AssertOnceAndInOrder(host.Inbox, count + 20, users);
    }

    [Fact]
    public async Task What_a_dead_reader_held_comes_first_and_what_it_had_appended_is_not_appended_again()
    {
        const int count = 90, users = 3;
        await using var ingest = await IngestFixture.Open();
        var host = await ingest.Host();
        await ingest.Publisher.Add(0, count, users);
        var (given, came) = await IngestFixture.ReadAndDie(host, wanted: 50, appended: 20);
        Assert.Equal((50, 20, 50), (given.Count, came.Done.Count, await ingest.Publisher.Pending()));

        await IngestFixture.Read(host);
        await ingest.Publisher.Drained();
        await StreamPublisher.AssertOnceAndInOrder(host.Inbox, count, users); // no entry has a key
        Assert.Equal(0, await ingest.Publisher.Pending());
    }

    [Fact]
    public async Task A_reader_that_was_frozen_while_another_took_over_adds_nothing_when_it_wakes_up()
    {
        const int count = 200, users = 5;
        await using var ingest = await IngestFixture.Open();
        var (frozen, other) = (await ingest.Host(), await ingest.Host());
        await ingest.Publisher.Add(0, count, users);
        var thaw = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var stuck = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        frozen.Log.BeforeAppend = _ =>
        {
            if (frozen.Log.Appends < 40) return Task.CompletedTask;
            stuck.TrySetResult();
            return thaw.Task;
        };
        await IngestFixture.Read(frozen);
        await stuck.Task;
        await IngestFixture.Read(other);
        await ingest.Publisher.Drained();
        await StreamPublisher.AssertOnceAndInOrder(other.Inbox, count, users);

        frozen.Log.BeforeAppend = null;
        thaw.SetResult();
        await ingest.Publisher.Add(count, count, users); // both of them read now
        await ingest.Publisher.Drained();
        await StreamPublisher.AssertOnceAndInOrder((await ingest.Host()).Inbox, 2 * count, users); // each of them knows what it has appended itself
    }

    [Fact]
    public async Task Storage_that_refuses_for_a_while_is_waited_for_and_nothing_is_handed_in_meanwhile()
    {
        const int count = 30, users = 3;
        await using var ingest = await IngestFixture.Open();
        var host = await ingest.Host();
        await ingest.Publisher.Add(0, count, users);
        var refusals = new SemaphoreSlim(0);
        host.Log.BeforeAppend = _ =>
        {
            refusals.Release();
            throw new StorageUnavailableException("as it was told");
        };
        await IngestFixture.Read(host);
        for (var i = 0; i < 2 * users; i++) await refusals.WaitAsync(); // each user's first, twice
        Assert.Equal((count, count), (await ingest.Publisher.Length(), await ingest.Publisher.Pending()));
        host.Log.BeforeAppend = null;
        await ingest.Publisher.Drained();
        await StreamPublisher.AssertOnceAndInOrder(host.Inbox, count, users);
    }

    [Fact]
    public async Task Redis_that_is_killed_and_comes_back_has_lost_and_doubled_nothing()
    {
        const int count = 400, users = 4;
        await using var ingest = await IngestFixture.Open("always");
        ingest.Options = new InboxOptions { StorageTimeout = TimeSpan.FromSeconds(2) }; // else the append under way waits for the patience of tests
        var host = await ingest.Host();
        await ingest.Publisher.Add(0, count, users);
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        host.Log.AfterAppend = _ =>
        {
            if (host.Log.Appends >= 60) begun.TrySetResult();
            return Task.CompletedTask;
        };
        await IngestFixture.Read(host);
        await begun.Task;
        await ingest.Redis.Kill();
        await ingest.Redis.Start();
        await ingest.Publisher.Drained();
        await StreamPublisher.AssertOnceAndInOrder(host.Inbox, count, users);
    }
}
