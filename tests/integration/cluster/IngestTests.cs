using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;

namespace OrleansInbox.Tests.Cluster;

/// <summary>The reader of a stream on a silo that stands still: another silo's takes over, and the order holds when the first one wakes up.</summary>
public sealed class IngestTests
{
    private const int Count = 2_000;
    private const int Users = 20;

    [Fact]
    public async Task A_silo_that_was_frozen_while_it_read_a_stream_adds_nothing_when_it_wakes_up()
    {
        string[] reads = [$"--Ingest:Streams:0={StreamPublisher.Stream}", "--Ingest:Batch=100"];
        await using var cluster = await ClusterFixture.Open();
        await using var publisher = await StreamPublisher.Connect(cluster.Redis);
        await using var frozen = await SiloProcess.Start([.. cluster.SiloArguments(), .. reads]);
        await publisher.Add("first", "so that the reader is there");
        await publisher.Drained();
        var other = await cluster.Silo("one", reads);

        await publisher.Add(0, Count, Users);
        await publisher.Falls(to: Count - 200);
        frozen.Freeze();
        Assert.NotEqual(0, await publisher.Length()); // else it proves nothing
        await publisher.Drained();
        frozen.Thaw();
        await publisher.Add(Count, 100, Users);
        await publisher.Drained();
        var inboxes = other.Services.GetRequiredService<IGrainFactory>();
        // What the log holds: an activation beside one of the silo that has just woken up does not know yet what that one appended.
        await inboxes.GetGrain<IManagementGrain>(0).ForceActivationCollection(TimeSpan.Zero);
        await StreamPublisher.AssertOnceAndInOrder(user => inboxes.GetGrain<IInboxGrain>(InboxKey.Of(InboxKey.DefaultTenant, user)), Count + 100, Users);
    }
}
