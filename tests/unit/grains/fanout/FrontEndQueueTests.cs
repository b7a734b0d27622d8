using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansInbox.Fanout;
using OrleansInbox.Telemetry;

namespace OrleansInbox.Tests.Grains.Fanout;

/// <summary>A queue never makes a publish wait, keeps the order, and what it cannot carry it says.</summary>
public sealed class FrontEndQueueTests : IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly FakeTime _time = new();
    private readonly HeldProducer _producer = new();

    [Fact]
    public async Task What_gathers_while_a_batch_is_under_way_goes_with_the_next_one_in_order()
    {
        var queue = Open();
        for (var seq = 1; seq <= 1_000; seq++) queue.Send(Added("ann", seq));
        var seqs = new List<long>();
        while (seqs.Count < 1_000)
        {
            var batch = await Next();
            Assert.True(batch.Events.Length <= FrontEndQueue.MaxBatch);
            seqs.AddRange(batch.Events.Select(e => e.Id.Seq));
            _producer.Take();
        }
        Assert.Equal(Enumerable.Range(1, 1_000).Select(seq => (long)seq), seqs);
    }

    [Fact]
    public async Task A_full_queue_names_the_inboxes_that_it_dropped_something_of_and_then_goes_on()
    {
        var queue = Open();
        queue.Send(Added("first", 1));
        await Next(); // under way, and not taken
        for (var seq = 1; seq <= FrontEndQueue.Capacity; seq++) queue.Send(Added("ann", seq));
        for (var seq = 1; seq <= 5_000; seq++) queue.Send(Added(seq % 2 == 0 ? "bob" : "eve", seq));
        var carried = 0;
        string[] missed = [];
        for (_producer.Take(); missed.Length == 0; _producer.Take())
        {
            var batch = await Next();
            carried += batch.Events.Length;
            missed = batch.Missed;
        }
        Assert.Equal(FrontEndQueue.Capacity, carried);
        Assert.Equal(["bob", "eve"], missed.Order());
        queue.Send(Added("bob", 9_999));
        Assert.Equal(9_999, (await Next()).Events.Single().Id.Seq);
        _producer.Take();
    }

    [Fact]
    public async Task A_batch_that_could_not_be_sent_becomes_marks_after_a_pause()
    {
        var queue = Open();
        queue.Send(Added("ann", 1));
        await Next();
        _producer.Refuse();
        await _time.TimerWithin(TimeSpan.FromSeconds(2)).WaitAsync(_patience);
        _time.Advance(TimeSpan.FromSeconds(2));
        var batch = await Next();
        Assert.Empty(batch.Events);
        Assert.Equal(["ann"], batch.Missed);
        _producer.Take();
    }

    [Fact]
    public async Task It_is_drained_when_the_front_end_has_the_last_batch()
    {
        var queue = Open();
        Assert.True(queue.Drained().IsCompleted); // nothing was sent
        queue.Send(Added("ann", 1));
        await Next();
        queue.Send(Added("ann", 2));
        var drained = queue.Drained();
        _producer.Take();
        await Next();
        Assert.False(drained.IsCompleted);
        _producer.Take();
        await drained.WaitAsync(_patience);
    }

    public void Dispose() => _services.Dispose();

    private FrontEndQueue Open() => new("front-end", _producer, _time, ActivatorUtilities.CreateInstance<InboxMetrics>(_services), NullLogger.Instance);

    private Task<InboxEvents> Next() => _producer.Next().WaitAsync(_patience);

    private static InboxEvent Added(string inbox, long seq) => new() { Inbox = inbox, Kind = InboxEventKind.Added, Id = new NotificationId(1, seq) };

    /// <summary>Holds each batch until the test has it taken or refused.</summary>
    private sealed class HeldProducer : IFanoutProducer
    {
        private readonly System.Threading.Channels.Channel<InboxEvents> _sent = System.Threading.Channels.Channel.CreateUnbounded<InboxEvents>();
        private TaskCompletionSource _taken = new();

        public Task Send(string frontEnd, InboxEvents batch)
        {
            _taken = new(TaskCreationOptions.RunContinuationsAsynchronously);
            _sent.Writer.TryWrite(batch);
            return _taken.Task;
        }

        public async Task<InboxEvents> Next() => await _sent.Reader.ReadAsync();

        public void Take() => _taken.SetResult();
        public void Refuse() => _taken.SetException(new TimeoutException("Nobody took it."));
    }
}
