using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;
using Orleans.Providers.Streams.Common;
using Orleans.Runtime;
using Orleans.Streams;

namespace OrleansInbox.Fanout;

/// <summary>
/// Orleans' persistent streams over queues in each silo's own memory: what a silo sends, its own pulling agents deliver. Nothing polls, and no queue has to
/// move when a silo dies. A client sends by a silo (<see cref="IPushGrain"/>).
/// </summary>
internal sealed class PushStreamAdapter(string name, IServiceProvider services) : IQueueAdapterFactory, IQueueAdapter, IQueueAdapterCache, IStreamQueueBalancer
{
    /// <summary>
    /// An agent reads nothing while the first batch of a new stream waits for its subscribers to be known, which takes seconds while a silo or a front-end is dead or
    /// frozen. With several queues only the front-ends of one queue wait.
    /// </summary>
    private const int _queueCount = 16;

    /// <summary>Of a call that has been sent by another silo already, or by this one when it did not know yet that it shuts down.</summary>
    private const string _isForwarded = "inbox.forwarded";

    /// <summary>The way to the front-end may lead over a silo that died just now: after this the batch counts as lost, and the front-end reads its events from the log.</summary>
    private static readonly TimeSpan _deliveryTimeout = TimeSpan.FromSeconds(1);

    private readonly HashRingBasedStreamQueueMapper _mapper = new(new HashRingStreamQueueMapperOptions { TotalQueueCount = _queueCount }, name);
    private readonly Dictionary<QueueId, PushQueue> _queues = [];
    private readonly IGrainFactory _grains = services.GetRequiredService<IGrainFactory>();
    private readonly TimeProvider _time = services.GetRequiredService<TimeProvider>();
    private readonly bool _isSilo = services.GetService<ILocalSiloDetails>() is not null;
    private readonly bool _isAlone = !services.GetRequiredService<ClusterLink>().HasOthers;
    private volatile bool _stopped;
    private int _sent;

    public string Name => name;
    public bool IsRewindable => false;
    public StreamProviderDirection Direction => StreamProviderDirection.ReadWrite;

    public Task<IQueueAdapter> CreateAdapter()
    {
        foreach (var queue in _mapper.GetAllQueues()) _queues[queue] = new PushQueue(() => _stopped = true);
        return Task.FromResult<IQueueAdapter>(this);
    }

    public IQueueAdapterCache GetQueueAdapterCache() => this;
    public IStreamQueueMapper GetStreamQueueMapper() => _mapper;
    public Task<IStreamFailureHandler> GetDeliveryFailureHandler(QueueId queueId) => Task.FromResult<IStreamFailureHandler>(new NoOpStreamDeliveryFailureHandler());
    public IQueueAdapterReceiver CreateReceiver(QueueId queueId) => _queues[queueId];
    public IQueueCache CreateQueueCache(QueueId queueId) => _queues[queueId];

    /// <summary>Completes when the front-end has the events.</summary>
    /// <exception cref="TimeoutException">It did not take them in time.</exception>
    /// <exception cref="InvalidOperationException">The silo that was to send them shuts down, too.</exception>
    public async Task QueueMessageBatchAsync<T>(StreamId streamId, IEnumerable<T> events, StreamSequenceToken? token, Dictionary<string, object>? requestContext)
    {
        if (_stopped && _isAlone) return; // the front-end is of this process, and ends with it
        foreach (var one in events.Cast<InboxEvents>())
        {
            if (_stopped && RequestContext.Get(_isForwarded) is not null) throw new InvalidOperationException("This silo shuts down.");
            RequestContext.Set(_isForwarded, true);
            if (!_isSilo || _stopped) await _grains.GetGrain<IPushGrain>(Interlocked.Increment(ref _sent)).Push(streamId, one); // another grain each time: another silo
            else await Deliver(new PushBatch(streamId, one));
        }
    }

    private async Task Deliver(PushBatch batch)
    {
        _queues[_mapper.GetQueueForStream(batch.StreamId)].Add(batch);
        try
        {
            await batch.Delivered.Task.WaitAsync(_deliveryTimeout, _time);
        }
        finally
        {
            batch.Delivered.TrySetResult(); // nobody waits for it any more, and the queue can drop it
        }
    }

    // Every silo reads its own queues, and all of them.
    public IEnumerable<QueueId> GetMyQueues() => _mapper.GetAllQueues();
    public Task Initialize(IStreamQueueMapper queueMapper) => Task.CompletedTask;
    public bool SubscribeToQueueDistributionChangeEvents(IStreamQueueBalanceListener observer) => true;
    public bool UnSubscribeFromQueueDistributionChangeEvents(IStreamQueueBalanceListener observer) => true;
    public Task Shutdown() => Task.CompletedTask;
}
