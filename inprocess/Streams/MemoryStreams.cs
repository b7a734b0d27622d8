using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using Orleans.Streams;

namespace Orleans.InProcess;

internal interface ISubscription
{
    void End();
}

/// <summary>Streams of one provider. What is sent while nobody subscribes is gone, as with Orleans' memory streams.</summary>
internal sealed partial class MemoryStreamProvider(string name, ILogger<MemoryStreamProvider> log) : IStreamProvider, IDisposable
{
    private readonly ConcurrentDictionary<StreamId, ISubscription[]> _subscriptions = new();

    public string Name { get; } = name;
    public bool IsRewindable => false;

    public static IStreamProvider Create(IServiceProvider services, object? name) => new MemoryStreamProvider((string)name!, services.GetRequiredService<ILogger<MemoryStreamProvider>>());

    public IAsyncStream<T> GetStream<T>(StreamId streamId) => new MemoryStream<T>(this, streamId);
    public ISubscription[] Of(StreamId stream) => _subscriptions.GetValueOrDefault(stream, []);

    public void Add(StreamId stream, ISubscription subscription)
    {
        lock (_subscriptions)
            _subscriptions[stream] = [.. Of(stream), subscription];
    }

    public void Remove(StreamId stream, ISubscription subscription)
    {
        lock (_subscriptions)
        {
            ISubscription[] left = [.. Of(stream).Where(other => other != subscription)];
            if (left.Length > 0)
                _subscriptions[stream] = left;
            else
                _subscriptions.TryRemove(stream, out _);
        }
    }

    public void Dispose()
    {
        foreach (var subscription in _subscriptions.Values.SelectMany(it => it))
            subscription.End();
    }

    public void SubscriberFailed(Exception exception, StreamId stream) => LogSubscriberFailed(log, exception, stream);

    [LoggerMessage(Level = LogLevel.Error, Message = "A subscriber of {Stream} failed; the event is not repeated")]
    private static partial void LogSubscriberFailed(ILogger log, Exception exception, StreamId stream);
}

internal sealed class MemoryStream<T>(MemoryStreamProvider provider, StreamId id) : IAsyncStream<T>
{
    public bool IsRewindable => false;
    public string ProviderName => provider.Name;
    public StreamId StreamId => id;

    /// <summary>Completes when every subscriber's queue has taken it; a full one is waited for.</summary>
    public async Task OnNextAsync(T item, StreamSequenceToken? token = null)
    {
        foreach (var subscription in provider.Of(id).OfType<Subscription<T>>())
            await subscription.Offer(item);
    }

    public Task OnCompletedAsync() => throw new NotSupportedException("A memory stream has no end.");
    public Task OnErrorAsync(Exception ex) => throw new NotSupportedException("A memory stream carries no errors.");
    public Task<StreamSubscriptionHandle<T>> SubscribeAsync(IAsyncObserver<T> observer) => SubscribeAsync(observer, null);

    public Task<StreamSubscriptionHandle<T>> SubscribeAsync(IAsyncObserver<T> observer, StreamSequenceToken? token, string? filterData = null)
    {
        if (token is not null || filterData is not null || SynchronizationContext.Current is Activation)
            throw new NotSupportedException("Inside one process, subscribers are clients, from now on, and without a filter.");
        var subscription = new Subscription<T>(provider, id, observer);
        provider.Add(id, subscription);
        return Task.FromResult<StreamSubscriptionHandle<T>>(subscription);
    }

    public Task<IList<StreamSubscriptionHandle<T>>> GetAllSubscriptionHandles() => Task.FromResult<IList<StreamSubscriptionHandle<T>>>([.. provider.Of(id).OfType<Subscription<T>>()]);
    public bool Equals(IAsyncStream<T>? other) => other is not null && other.ProviderName == ProviderName && other.StreamId == StreamId;
    public override bool Equals(object? obj) => Equals(obj as IAsyncStream<T>);
    public override int GetHashCode() => StreamId.GetHashCode();
    public int CompareTo(IAsyncStream<T>? other) => string.CompareOrdinal(StreamId.ToString(), other?.StreamId.ToString());
}

/// <summary>One subscriber with its own bounded queue: it gets what was sent in the order in which it was sent, whatever the others do.</summary>
internal sealed class Subscription<T> : StreamSubscriptionHandle<T>, ISubscription
{
    private const int Capacity = 1024;

    private readonly Channel<T> _queue = Channel.CreateBounded<T>(Capacity);
    private readonly MemoryStreamProvider _provider;
    private IAsyncObserver<T> _observer;

    public Subscription(MemoryStreamProvider provider, StreamId stream, IAsyncObserver<T> observer)
    {
        (_provider, StreamId, _observer) = (provider, stream, observer);
        using (ExecutionContext.SuppressFlow())
            _ = Task.Run(Deliver);
    }

    public override Guid HandleId { get; } = Guid.NewGuid();
    public override string ProviderName => _provider.Name;
    public override StreamId StreamId { get; }

    public async ValueTask Offer(T item)
    {
        try
        {
            if (!_queue.Writer.TryWrite(item))
                await _queue.Writer.WriteAsync(item);
        }
        catch (ChannelClosedException)
        {
            // Unsubscribed meanwhile.
        }
    }

    public void End() => _queue.Writer.TryComplete();

    /// <summary>What is being handed over right now still arrives; what is queued behind it does not.</summary>
    public override Task UnsubscribeAsync()
    {
        _provider.Remove(StreamId, this);
        End();
        while (_queue.Reader.TryRead(out _))
            continue;
        return Task.CompletedTask;
    }

    public override Task<StreamSubscriptionHandle<T>> ResumeAsync(IAsyncObserver<T> observer, StreamSequenceToken? token = null)
    {
        Volatile.Write(ref _observer, observer);
        return Task.FromResult<StreamSubscriptionHandle<T>>(this);
    }

    public override bool Equals(StreamSubscriptionHandle<T>? other) => other?.HandleId == HandleId;

    private async Task Deliver()
    {
        await foreach (var item in _queue.Reader.ReadAllAsync())
        {
            try
            {
                await Volatile.Read(ref _observer).OnNextAsync(item);
            }
#pragma warning disable CA1031 // One subscriber's fault is not the stream's
            catch (Exception exception)
#pragma warning restore CA1031
            {
                _provider.SubscriberFailed(exception, StreamId);
            }
        }
    }
}
