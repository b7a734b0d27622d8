using System.Threading.Channels;
using Orleans.Providers.Streams.Common;
using Orleans.Runtime;
using Orleans.Streams;

namespace OrleansInbox.Fanout;

/// <summary>
/// A queue in this silo's memory. Its pulling agent waits in <see cref="GetQueueMessagesAsync(int, CancellationToken)"/> until something is there, so that
/// nothing polls. Bounded: when full the oldest batch goes, and whoever waits for it is told by its time-out.
/// </summary>
internal sealed class PushQueue(Action stopped) : IQueueAdapterReceiver, IQueueCache
{
    private const int _capacity = 256;

    private readonly Channel<PushBatch> _waiting = Channel.CreateBounded<PushBatch>(new BoundedChannelOptions(_capacity) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });

    /// <summary>Read, and not yet delivered: about one for each front-end. Used in the agent's turns only.</summary>
    private readonly List<PushBatch> _underWay = [];
    private long _lastToken;

    public void Add(PushBatch batch) => _waiting.Writer.TryWrite(batch);

    public Task Initialize(TimeSpan timeout) => Task.CompletedTask;

    /// <summary>A silo that shuts down stops its agents before its grains.</summary>
    public Task Shutdown(TimeSpan timeout)
    {
        stopped();
        return Task.CompletedTask;
    }

    public Task<IList<IBatchContainer>> GetQueueMessagesAsync(int maxCount) => GetQueueMessagesAsync(maxCount, CancellationToken.None);

    public async Task<IList<IBatchContainer>> GetQueueMessagesAsync(int maxCount, CancellationToken cancellationToken)
    {
        // Cancelled it returns nothing: for a receiver that throws the agent logs an error and backs off for seconds.
        Task wait = _waiting.Reader.WaitToReadAsync(cancellationToken).AsTask();
        await wait.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        var batches = new List<IBatchContainer>(4);
        while (batches.Count < maxCount && _waiting.Reader.TryRead(out var batch))
        {
            batch.SequenceToken = new EventSequenceTokenV2(++_lastToken);
            batches.Add(batch);
        }
        return batches;
    }

    public Task MessagesDeliveredAsync(IList<IBatchContainer> messages) => Task.CompletedTask;

    public int GetMaxAddCount() => _capacity;

    /// <summary>Never: under pressure the agent would stop reading for every front-end, because of one that stands still.</summary>
    public bool IsUnderPressure() => false;

    public void AddToCache(IList<IBatchContainer> messages)
    {
        foreach (var message in messages) _underWay.Add((PushBatch)message);
    }

    public bool TryPurgeFromCache(out IList<IBatchContainer> purgedItems)
    {
        _underWay.RemoveAll(static batch => batch.Delivered.Task.IsCompleted);
        purgedItems = [];
        return false; // nothing to acknowledge
    }

    public IQueueCacheCursor GetCacheCursor(StreamId streamId, StreamSequenceToken? token) => new Cursor(this, streamId, token?.SequenceNumber - 1 ?? _lastToken);

    /// <summary>A subscriber's place. It goes to the next batch when the one before was delivered.</summary>
    private sealed class Cursor(PushQueue queue, StreamId stream, long token) : IQueueCacheCursor
    {
        private long _token = token;
        private PushBatch? _current;

        public bool MoveNext()
        {
            Dispose();
            _current = null;
            foreach (var batch in queue._underWay)
            {
                if (batch.SequenceToken.SequenceNumber <= _token || !batch.StreamId.Equals(stream)) continue;
                (_current, _token) = (batch, batch.SequenceToken.SequenceNumber);
                return true;
            }
            return false;
        }

        public IBatchContainer? GetCurrent(out Exception? exception)
        {
            exception = null;
            return _current;
        }

        public void Refresh(StreamSequenceToken token) { }

        public void RecordDeliveryFailure() => _current?.Delivered.TrySetException(new TimeoutException("The front-end did not take the events in time."));

        public void Dispose() => _current?.Delivered.TrySetResult();
    }
}
