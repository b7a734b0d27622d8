using Microsoft.Extensions.DependencyInjection;
using Orleans.TestingHost;
using OrleansInbox.Fanout;

namespace OrleansInbox.Tests.Cluster;

/// <summary>Inboxes that go from silo to silo: moved, or because theirs leaves.</summary>
public sealed class MoveTests : IAsyncLifetime
{
    private static readonly int _kept = new RetentionOptions().MaxCount; // a slow machine appends for long
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);
    private RedisServer _redis = null!;
    private InProcessTestCluster _cluster = null!;

    public async Task InitializeAsync()
    {
        _redis = await RedisServer.Start();
        _cluster = await InboxCluster.Start(_redis, silos: 3);
    }

    public async Task DisposeAsync()
    {
        await _cluster.DisposeAsync();
        await _redis.DisposeAsync();
    }

    [Fact]
    public async Task An_inbox_that_moves_keeps_everything_and_tells_who_watches()
    {
        var moved = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await FrontEnd.Open("front-end", batch =>
        {
            if (batch.Events.Any(e => e.Kind == InboxEventKind.Moved)) moved.TrySetResult();
        });
        var inbox = _cluster.Inbox("ann");
        var ids = new List<NotificationId>();
        for (var i = 0; i < 5; i++) ids.Add((await inbox.Append(New($"{i}", key: $"{i}"))).Id);
        await inbox.Mark(new MarkRequest { Action = MarkAction.Read, UpTo = ids[1] });
        var counts = await inbox.Mark(new MarkRequest { Action = MarkAction.Archive, Ids = [ids[3]] });

        foreach (var silo in _cluster.Silos.Where(silo => !silo.SiloAddress.Equals(_cluster.SiloOf(inbox))).ToList())
        {
            await inbox.Watch("front-end");
            await Move(inbox, silo);
            Assert.Equal(counts, await inbox.Counts());
            Assert.Equal(silo.SiloAddress, _cluster.SiloOf(inbox));
            var again = await inbox.Append(New("4", key: "4"));
            Assert.True(again.Replayed);
            Assert.Equal(ids[4], again.Id);
        }
        await moved.Task.WaitAsync(_patience);
        Assert.Equal(new NotificationId(ids[0].Epoch, 6), (await inbox.Append(New("5"))).Id);
    }

    [Fact]
    public async Task While_an_inbox_moves_each_append_is_made_once_and_in_order()
    {
        var inbox = _cluster.Inbox("bob");
        using var stopped = new CancellationTokenSource(_patience);
        var appending = Appending(inbox, stopped.Token);
        for (var i = 0; i < 6; i++) await Move(inbox, _cluster.Silos[i % 3]);
        await stopped.CancelAsync();
        var ids = await appending;
        Assert.Equal(Enumerable.Range(1, ids.Count).Select(seq => new NotificationId(ids[0].Epoch, seq)), ids);
        Assert.Equal(Math.Min(ids.Count, _kept), (await inbox.Counts()).Total);
    }

    [Fact]
    public async Task A_silo_that_leaves_hands_its_inboxes_on_and_each_append_is_made_once_and_in_order()
    {
        var caller = _cluster.Silos[0].ServiceProvider.GetRequiredService<IGrainFactory>(); // a client's calls are lost with its gateway, and are made again when they time out
        var inboxes = Enumerable.Range(0, 30).Select(i => caller.GetGrain<IInboxGrain>(InboxKey.Of(InboxKey.DefaultTenant, $"user-{i}"))).ToList();
        foreach (var inbox in inboxes) await inbox.Append(New("first"));
        var leaving = _cluster.Silos[1];
        var left = inboxes.Take(10).ToList();
        foreach (var inbox in left)
        {
            await Move(inbox, leaving);
            await inbox.Counts();
            Assert.Equal(leaving.SiloAddress, _cluster.SiloOf(inbox));
        }

        using var stopped = new CancellationTokenSource(_patience);
        var appending = inboxes.ConvertAll(inbox => Appending(inbox, stopped.Token));
        await _cluster.StopSiloAsync(leaving);
        await stopped.CancelAsync();
        foreach (var (inbox, ids) in inboxes.Zip(await Task.WhenAll(appending)))
        {
            Assert.Equal(Enumerable.Range(2, ids.Count).Select(seq => new NotificationId(ids[0].Epoch, seq)), ids);
            Assert.Equal(Math.Min(ids.Count + 1, _kept), (await inbox.Counts()).Total);
        }
        Assert.All(left, inbox => Assert.NotEqual(leaving.SiloAddress, _cluster.SiloOf(inbox)));
    }

    private IFanoutConsumer FrontEnd => _cluster.Client.ServiceProvider.GetRequiredService<IFanoutConsumer>();

    private Task Move(IInboxGrain inbox, InProcessSiloHandle silo) => Eventually.Is(async () =>
    {
        if (silo.SiloAddress.Equals(_cluster.SiloOf(inbox))) return true;
        try
        {
            await _cluster.MigrateAsync(inbox, silo.SiloAddress).WaitAsync(TimeSpan.FromSeconds(2)); // it never ends for an inbox that is there already
        }
        catch (Exception e) when (e is Orleans.Runtime.OrleansException or TimeoutException)
        {
            // The inbox was on its way just then.
        }
        return silo.SiloAddress.Equals(_cluster.SiloOf(inbox));
    }, "the inbox to move");

    /// <summary>One after the other, until it is stopped and at least 20. What a silo refuses because it leaves, or the inbox does, is made again with its key.</summary>
    private static async Task<List<NotificationId>> Appending(IInboxGrain inbox, CancellationToken stopped)
    {
        var ids = new List<NotificationId>();
        while (!stopped.IsCancellationRequested || ids.Count < 20)
        {
            var notification = New($"n{ids.Count}", key: $"n{ids.Count}");
            await Eventually.Succeeds(async () => ids.Add((await inbox.Append(notification)).Id), "the inbox to take the append");
        }
        return ids;
    }

    private static NewNotification New(string title, string? key = null) => new() { Type = "test", Title = title, IdempotencyKey = key };
}
