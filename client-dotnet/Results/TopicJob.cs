namespace OrleansInbox.Client;

/// <summary>Something that is done in the inboxes of a topic's subscribers, and goes on whatever is killed.</summary>
public sealed record TopicJob
{
    /// <summary>Its name, for <see cref="IInboxClient.GetJobAsync"/>.</summary>
    public required string Job { get; init; }

    /// <summary>The number of subscribers when it was taken.</summary>
    public required long Of { get; init; }
}
