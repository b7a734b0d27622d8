using Orleans.Providers.Streams.Common;
using Orleans.Runtime;
using Orleans.Streams;

namespace OrleansInbox.Fanout;

/// <summary>One batch of events for one front-end's stream, on its way through a <see cref="PushQueue"/>.</summary>
[GenerateSerializer, Immutable, Alias("pushed")]
public sealed class PushBatch(StreamId streamId, InboxEvents events) : IBatchContainer
{
    [NonSerialized] private readonly TaskCompletionSource _delivered = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Id(0)] public StreamId StreamId { get; } = streamId;
    [Id(1)] public InboxEvents Events { get; } = events;
    [Id(2)] public StreamSequenceToken SequenceToken { get; internal set; } = new EventSequenceTokenV2(0);

    /// <summary>Completes when the front-end has the batch, or when it was given up. Meaningful in the silo that queued it, not in copies.</summary>
    internal TaskCompletionSource Delivered => _delivered;

    public IEnumerable<Tuple<T, StreamSequenceToken>> GetEvents<T>() => [Tuple.Create((T)(object)Events, SequenceToken)];

    public bool ImportRequestContext() => false;
}
