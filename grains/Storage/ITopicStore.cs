using OrleansInbox.Topics;

namespace OrleansInbox.Storage;

/// <summary>
/// Topics: who is subscribed, and the jobs that wait. A topic's key is <see cref="InboxKey.Of"/> its tenant and its name. Failures as in <see cref="IInboxLog"/>.
/// </summary>
/// <remarks>
/// The topic is the truth. Beside each inbox it is written which topics its user may be subscribed to, or has left: before the topic, when somebody subscribes, and after
/// it, when somebody leaves, so that whatever dies in between it names too many and never too few.
/// </remarks>
public interface ITopicStore
{
    /// <summary>Subscribes users, and removes others. Idempotent.</summary>
    /// <param name="topic">Its key.</param>
    /// <param name="add">At most <see cref="TopicLimits.MaxUsers"/>, with the others.</param>
    /// <param name="remove">None of those.</param>
    /// <param name="onlyIfOpen">Nothing is changed in a topic that is not open.</param>
    /// <returns>False: it is not open.</returns>
    /// <exception cref="TooManySubscriptionsException">Nobody was subscribed.</exception>
    Task<bool> Change(string topic, IReadOnlyList<string> add, IReadOnlyList<string> remove, bool onlyIfOpen);

    /// <summary>Whether a user is subscribed, and the topic open.</summary>
    Task<(bool IsSubscribed, bool IsOpen)> Subscription(string topic, string user);

    /// <summary>Whether the topic is open, and how many are subscribed.</summary>
    Task<(bool IsOpen, long Subscribers)> Read(string topic);

    Task SetOpen(string topic, bool isOpen);

    /// <summary>Who is subscribed, in the order of the bytes of UTF-8; null: from the first.</summary>
    Task<IReadOnlyList<string>> Subscribers(string topic, string? after, int max);

    /// <summary>The names of the topics that a user is subscribed to. Exact.</summary>
    /// <param name="inbox">The grain's key.</param>
    Task<IReadOnlyList<string>> TopicsOf(string inbox);

    /// <summary>Removes a user from all topics, also from those who have left, and what is written beside the inbox. Idempotent.</summary>
    Task Forget(string inbox);

    /// <summary>A job waits, unless its idempotency key is known.</summary>
    /// <param name="topic">Its key.</param>
    /// <param name="work">What it does.</param>
    /// <param name="idempotencyKey">Remembered with <see cref="TopicWork.Fingerprint"/>.</param>
    /// <param name="keyLife">For how long.</param>
    /// <exception cref="TooManyJobsException">Nothing was stored.</exception>
    Task<AddedTopicJob> AddJob(string topic, TopicWork work, string? idempotencyKey, TimeSpan keyLife);

    /// <summary>The job; null when it is not, or no longer, known.</summary>
    Task<TopicJob?> Job(string topic, long number);

    /// <summary>The first one that is not done; null when all are.</summary>
    Task<TopicJob?> NextJob(string topic);

    /// <summary>The next users whom a job is for.</summary>
    /// <param name="topic">Its key.</param>
    /// <param name="cursor"><c>""</c> at first, then what the page before said.</param>
    /// <param name="max">Users.</param>
    /// <param name="andLeft">Those who have left too, after the others.</param>
    /// <returns>Without a cursor at the end.</returns>
    Task<(IReadOnlyList<string> Users, string? Next)> Recipients(string topic, string cursor, int max, bool andLeft);

    /// <summary>Notes what became of a page, unless somebody else has done so before.</summary>
    /// <param name="topic">Its key.</param>
    /// <param name="job">As it was read.</param>
    /// <param name="done">Of the page.</param>
    /// <param name="next">The cursor; null when the job is done.</param>
    /// <returns>False: the job has another cursor, or is done.</returns>
    Task<bool> Advance(string topic, TopicJob job, TopicProgress done, string? next);
}

/// <param name="Number">Of the job, or of the first one with its idempotency key.</param>
/// <param name="Of">How many users it was for when it was taken.</param>
/// <param name="KnownFingerprint">The idempotency key was known, and this kept beside it; null: it was not.</param>
public readonly record struct AddedTopicJob(long Number, long Of, string? KnownFingerprint);
