using System.Text;

namespace Orleans.Runtime
{
    /// <summary>Which stream: a namespace and a key.</summary>
    public readonly struct StreamId : IEquatable<StreamId>
    {
        private readonly string? _namespace;
        private readonly string? _key;

        private StreamId(string? ns, string key) => (_namespace, _key) = (ns, key);

        public ReadOnlyMemory<byte> Key => Encoding.UTF8.GetBytes(GetKeyAsString());

        public static StreamId Create(string? ns, string key) => new(ns, key);
        public static StreamId Create(string? ns, Guid key) => new(ns, key.ToString("N"));
        public string? GetNamespace() => _namespace;
        public string GetKeyAsString() => _key ?? "";
        public bool Equals(StreamId other) => _namespace == other._namespace && GetKeyAsString() == other.GetKeyAsString();
        public override bool Equals(object? obj) => obj is StreamId other && Equals(other);
        public override int GetHashCode() => HashCode.Combine(_namespace, GetKeyAsString());
        public override string ToString() => _namespace is null ? $"null/{_key}" : $"{_namespace}/{_key}";
        public static bool operator ==(StreamId s1, StreamId s2) => s1.Equals(s2);
        public static bool operator !=(StreamId s1, StreamId s2) => !s1.Equals(s2);
    }
}

namespace Orleans.Streams
{
    using Orleans.Runtime;

    public interface IStreamProvider
    {
        string Name { get; }
        bool IsRewindable { get; }
        IAsyncStream<T> GetStream<T>(StreamId streamId);
    }

    public interface IAsyncStream
    {
        bool IsRewindable { get; }
        string ProviderName { get; }
        StreamId StreamId { get; }
    }

    public interface IAsyncStream<T> : IAsyncStream, IEquatable<IAsyncStream<T>>, IComparable<IAsyncStream<T>>, IAsyncObservable<T>, IAsyncObserver<T>
    {
        Task<IList<StreamSubscriptionHandle<T>>> GetAllSubscriptionHandles();
    }

    public interface IAsyncObservable<T>
    {
        Task<StreamSubscriptionHandle<T>> SubscribeAsync(IAsyncObserver<T> observer);
        Task<StreamSubscriptionHandle<T>> SubscribeAsync(IAsyncObserver<T> observer, StreamSequenceToken? token, string? filterData = null);
    }

    public interface IAsyncObserver<in T>
    {
        Task OnNextAsync(T item, StreamSequenceToken? token = null);
        Task OnCompletedAsync();
        Task OnErrorAsync(Exception ex);
    }

    public abstract class StreamSequenceToken : IEquatable<StreamSequenceToken?>, IComparable<StreamSequenceToken?>
    {
        public abstract long SequenceNumber { get; protected set; }
        public abstract int EventIndex { get; protected set; }
        public abstract int CompareTo(StreamSequenceToken? other);
        public abstract bool Equals(StreamSequenceToken? other);
        public override bool Equals(object? obj) => Equals(obj as StreamSequenceToken);
        public override int GetHashCode() => HashCode.Combine(SequenceNumber, EventIndex);
    }

    public abstract class StreamSubscriptionHandle<T> : IEquatable<StreamSubscriptionHandle<T>?>
    {
        public abstract Guid HandleId { get; }
        public abstract string ProviderName { get; }
        public abstract StreamId StreamId { get; }
        public abstract Task UnsubscribeAsync();

        /// <summary>From now on this observer is told instead.</summary>
        public abstract Task<StreamSubscriptionHandle<T>> ResumeAsync(IAsyncObserver<T> observer, StreamSequenceToken? token = null);
        public abstract bool Equals(StreamSubscriptionHandle<T>? other);
        public override bool Equals(object? obj) => Equals(obj as StreamSubscriptionHandle<T>);
        public override int GetHashCode() => HandleId.GetHashCode();
    }

    public static class AsyncObservableExtensions
    {
        public static Task<StreamSubscriptionHandle<T>> SubscribeAsync<T>(this IAsyncObservable<T> obs, Func<T, StreamSequenceToken?, Task> onNextAsync) =>
            obs.SubscribeAsync(new DelegateObserver<T>(onNextAsync, null));

        public static Task<StreamSubscriptionHandle<T>> SubscribeAsync<T>(this IAsyncObservable<T> obs, Func<T, StreamSequenceToken?, Task> onNextAsync, Func<Exception, Task> onErrorAsync) =>
            obs.SubscribeAsync(new DelegateObserver<T>(onNextAsync, onErrorAsync));

        private sealed class DelegateObserver<T>(Func<T, StreamSequenceToken?, Task> onNext, Func<Exception, Task>? onError) : IAsyncObserver<T>
        {
            public Task OnNextAsync(T item, StreamSequenceToken? token = null) => onNext(item, token);
            public Task OnCompletedAsync() => Task.CompletedTask;
            public Task OnErrorAsync(Exception ex) => onError?.Invoke(ex) ?? Task.CompletedTask;
        }
    }
}
