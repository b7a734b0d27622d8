namespace OrleansInbox.Topics;

/// <summary>A job as it is stored.</summary>
/// <param name="Number">Counted in its topic.</param>
/// <param name="Of">How many users it was for when it was taken.</param>
/// <param name="Cursor">Up to where it has come (<see cref="Storage.ITopicStore.Recipients"/>).</param>
/// <param name="Done">What became of the users up to there.</param>
/// <param name="Work">Null once it is done.</param>
public sealed record TopicJob(long Number, long Of, string Cursor, TopicProgress Done, TopicWork? Work)
{
    public bool IsDone => Work is null;
}

/// <summary>So many users.</summary>
[GenerateSerializer, Immutable, Alias("topic-progress")]
public readonly record struct TopicProgress([property: Id(0)] long Reached, [property: Id(1)] long Muted, [property: Id(2)] long Failed);
