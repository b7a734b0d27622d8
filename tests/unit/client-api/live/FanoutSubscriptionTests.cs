using Microsoft.Extensions.Logging.Abstractions;
using OrleansInbox.ClientApi.Live;

namespace OrleansInbox.Tests.ClientApi.Live;

/// <summary>When the front-end subscribes again, and that no hung call delays it. A probe is sent every half second; four lost ones in a row mean a dead subscription.</summary>
public sealed class FanoutSubscriptionTests
{
    private static readonly LiveOptions _options = LiveOptions.InCluster;

    private readonly FakeTime _time = new();
    private readonly ScriptedFanoutConsumer _consumer = new();
    private readonly FanoutSubscription _subscription;
    private int _interruptions;

    public FanoutSubscriptionTests() => _subscription = new FanoutSubscription(_consumer, _options, _time, NullLogger.Instance);

    [Fact]
    public void While_probes_return_it_stays_as_it_is()
    {
        Start();
        Assert.Equal(1, _interruptions); // whatever came before we subscribed
        Ticks(20);
        Assert.Equal((1, 20, 1), (_consumer.Opened, _consumer.Posted, _interruptions));
    }

    [Fact]
    public void Probes_that_hang_delay_neither_the_next_ones_nor_the_new_subscription()
    {
        Start();
        Ticks(1);
        _consumer.HungPosts = new();
        Ticks(1 + _options.RefreshAfterLost);
        Assert.Equal((1, 2), (_consumer.Opened, _interruptions));
        Ticks(1);
        Assert.Equal((2, 6, 3), (_consumer.Opened, _consumer.Posted, _interruptions));
        Ticks(_options.ResubscribeAfterLost);
        Assert.Equal((3, 10), (_consumer.Opened, _consumer.Posted));
        _consumer.HungPosts = null; // the earlier ones hang on
        Ticks(20);
        Assert.Equal((3, 30), (_consumer.Opened, _consumer.Posted));
    }

    [Fact]
    public void Probes_that_return_late_are_no_reason_to_subscribe_again()
    {
        Start();
        _consumer.HungPosts = new();
        for (var i = 0; i < 20; i++)
        {
            Ticks(2);
            var late = _consumer.HungPosts;
            _consumer.HungPosts = new();
            Outside(() => late.SetResult());
        }
        Assert.Equal((1, 1), (_consumer.Opened, _interruptions));
    }

    [Fact]
    public void An_attempt_to_subscribe_that_hangs_is_given_up_and_made_again()
    {
        Start();
        _consumer.IsDead = true;
        Ticks(_options.ResubscribeAfterLost);
        var hung = _consumer.HungOpens = new();
        Ticks(1);
        Assert.Equal(2, _consumer.Opened);
        Outside(() => _time.Advance(_options.CallTimeout));
        Assert.Equal(2, _consumer.Opened);
        _consumer.HungOpens = null;
        var before = _interruptions;
        Ticks(1);
        Assert.Equal(3, _consumer.Opened);
        Assert.True(_interruptions > before, "Positions were not compared after the new subscription.");
        Ticks(5);
        before = _interruptions;
        Outside(hung.SetResult); // it may have replaced the other one, and events were lost between the two
        Assert.Equal(before + 1, _interruptions);
        Ticks(20);
        Assert.Equal(3, _consumer.Opened);
    }

    [Fact]
    public void A_subscription_that_fails_is_tried_again_at_every_interval()
    {
        Start();
        _consumer.IsDead = true;
        Ticks(_options.ResubscribeAfterLost);
        _consumer.HungOpens = new();
        _consumer.HungOpens.SetException(new TimeoutException("No silo answers."));
        Ticks(4);
        Assert.Equal(5, _consumer.Opened);
        _consumer.HungOpens = null;
        Ticks(1);
        Assert.Equal(6, _consumer.Opened);
        Ticks(20);
        Assert.Equal(6, _consumer.Opened);
    }

    [Fact]
    public async Task A_start_does_not_wait_for_a_cluster_that_hangs()
    {
        _consumer.HungOpens = new();
        var started = Start();
        Outside(() => _time.Advance(_options.CallTimeout));
        await started;
        _consumer.HungOpens = null;
        Ticks(1);
        Assert.Equal((2, 1), (_consumer.Opened, _interruptions));
    }

    [Fact]
    public async Task A_stop_closes_the_consumer_and_ends_the_probes()
    {
        await Start();
        await _subscription.Stop(CancellationToken.None);
        Ticks(20);
        Assert.Equal((1, 0, 1), (_consumer.Opened, _consumer.Posted, _consumer.Closed));
    }

    private Task Start()
    {
        var started = Task.CompletedTask;
        Outside(() => started = _subscription.Start(_ => { }, () => _interruptions++));
        return started;
    }

    private void Ticks(int count) => Outside(() => _time.Advance(count * _options.Probe));

    /// <summary>Without the test's synchronization context, continuations run before the call that causes them returns.</summary>
    private static void Outside(Action action)
    {
        var context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            action();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(context);
        }
    }
}
