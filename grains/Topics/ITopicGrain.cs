namespace OrleansInbox.Topics;

/// <summary>
/// A name with subscribers; the key is <see cref="InboxKey.Of"/> tenant and name. What is published here is done by jobs, one after the other, which reach every inbox
/// exactly once. Every method may throw <see cref="StorageUnavailableException"/>, and what changes something has a deadline as in <see cref="IInboxGrain"/>.
/// </summary>
[Alias("topic")]
public interface ITopicGrain : IGrainWithStringKey
{
    /// <summary>Subscribes users and removes others. Idempotent.</summary>
    /// <param name="add">At most <see cref="TopicLimits.MaxUsers"/>, with the others.</param>
    /// <param name="remove">None of those.</param>
    /// <param name="onlyIfOpen">Nothing is changed in a topic that is not open.</param>
    /// <param name="deadline">See above.</param>
    /// <returns>False: it is not open.</returns>
    /// <exception cref="TooManySubscriptionsException">Nobody was subscribed.</exception>
    [Alias("change")] Task<bool> Change(string[] add, string[] remove, bool onlyIfOpen, DateTimeOffset? deadline = null);

    [Alias("subscription")] Task<TopicSubscription> Subscription(string user);

    /// <summary>In the order of their bytes, after one of them or from the first.</summary>
    [Alias("subscribers")] Task<string[]> Subscribers(string? after, int max);

    [Alias("read")] Task<TopicState> Read();

    /// <summary>Whether users may subscribe themselves.</summary>
    [Alias("set-open")] Task SetOpen(bool isOpen, DateTimeOffset? deadline = null);

    /// <summary>Adds a notification to the inbox of each subscriber but these. Durable when the task completes; the inboxes have it later.</summary>
    /// <exception cref="InvalidNotificationException">It breaks a rule of <see cref="NotificationRules"/>.</exception>
    /// <exception cref="KeyReusedException">The idempotency key was known, and for another publish or retraction.</exception>
    /// <exception cref="TooManyJobsException">Nothing was stored.</exception>
    [Alias("publish")] Task<StartedJob> Publish(NewNotification notification, string[] except);

    /// <summary>Likewise: removes what has the collapse key, also from the inboxes of those who have left.</summary>
    [Alias("retract")] Task<StartedJob> Retract(string collapseKey, string? idempotencyKey, bool keyIsForRetries);

    /// <summary>Null when there is none, or its end was too long ago.</summary>
    [Alias("job")] Task<JobState?> Job(long number);

    /// <summary>For the index of what is due: goes on with the jobs that wait.</summary>
    /// <returns>False: none does.</returns>
    [Alias("keep-working")] Task<bool> KeepWorking();
}

[GenerateSerializer, Immutable, Alias("topic-subscription")]
public sealed record TopicSubscription([property: Id(0)] bool IsSubscribed, [property: Id(1)] bool IsOpen);

[GenerateSerializer, Immutable, Alias("topic-state")]
public sealed record TopicState([property: Id(0)] bool IsOpen, [property: Id(1)] long Subscribers);

/// <param name="Number">Of the job.</param>
/// <param name="Of">How many users it is for.</param>
/// <param name="Replayed">The idempotency key was known: this is the first one.</param>
[GenerateSerializer, Immutable, Alias("started-job")]
public sealed record StartedJob([property: Id(0)] long Number, [property: Id(1)] long Of, [property: Id(2)] bool Replayed);

[GenerateSerializer, Immutable, Alias("job-state")]
public sealed record JobState([property: Id(0)] bool IsDone, [property: Id(1)] TopicProgress Done, [property: Id(2)] long Of);
