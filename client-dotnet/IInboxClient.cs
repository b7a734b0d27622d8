namespace OrleansInbox.Client;

/// <summary>
/// The inbox server, for publishers. Every call may throw <see cref="InboxException"/>, and <see cref="InboxUnavailableException"/> when the server could not be reached in
/// <see cref="InboxClientOptions.TotalTimeout"/>. What is published has an idempotency key, so that no retry adds anything twice; all else is idempotent.
/// </summary>
public interface IInboxClient
{
    /// <summary>Publishes to one user. It is on disk when the task completes.</summary>
    /// <exception cref="InvalidRequestException">The notification or the user is not legal.</exception>
    /// <exception cref="KeyReusedException">The idempotency key came before, with another notification.</exception>
    Task<PublishResult> PublishAsync(string user, Notification notification, PublishOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>
    /// Publishes to many users, each named once. More than 1,000 become several requests, one after the other, with keys derived from the one key: after an exception the same
    /// call with the same key and users does what is left.
    /// </summary>
    /// <returns>One for each user, in their order; an inbox that fails does not hold up the others.</returns>
    /// <exception cref="InvalidRequestException">The notification is not legal.</exception>
    Task<IReadOnlyList<RecipientResult>> PublishManyAsync(IReadOnlyCollection<string> users, Notification notification, PublishOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>Cancels a scheduled notification: it never comes.</summary>
    /// <param name="user">Whose inbox.</param>
    /// <param name="scheduled"><see cref="PublishResult.Scheduled"/>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="AlreadyDeliveredException">It has come.</exception>
    Task CancelScheduledAsync(string user, string scheduled, CancellationToken cancellationToken = default);

    /// <summary>Removes what has the key (<see cref="Notification.Key"/>), also what is scheduled or snoozed; nothing, when there is none.</summary>
    Task RetractAsync(string user, string key, CancellationToken cancellationToken = default);

    /// <summary>How many notifications a user has.</summary>
    Task<InboxCounts> GetCountsAsync(string user, CancellationToken cancellationToken = default);

    /// <summary>Erases an inbox, marks included; what is scheduled and the preferences stay.</summary>
    Task EraseAsync(string user, CancellationToken cancellationToken = default);

    /// <summary>Forgets a person: nothing that names them stays.</summary>
    Task ForgetAsync(string user, CancellationToken cancellationToken = default);

    /// <summary>Publishes to a topic's subscribers. The job is on disk when the task completes, and is done whatever is killed.</summary>
    /// <param name="topic">1 to 128 of <c>A-Z a-z 0-9 . _ : -</c>.</param>
    /// <param name="notification">What is published.</param>
    /// <param name="except">Subscribers who do not get it, at most 1,000; the one who caused it, say.</param>
    /// <param name="options">The idempotency key.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task<TopicJob> PublishToTopicAsync(string topic, Notification notification, IReadOnlyCollection<string>? except = null, PublishOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>Removes what has the key from the inboxes of a topic's subscribers.</summary>
    Task<TopicJob> RetractFromTopicAsync(string topic, string key, CancellationToken cancellationToken = default);

    /// <summary>How far a job is; null 7 days after its end.</summary>
    Task<JobProgress?> GetJobAsync(string job, CancellationToken cancellationToken = default);

    /// <summary>Waits until a job is done: asks with pauses that grow from 0.1 to 5 seconds.</summary>
    Task<JobProgress> WaitForJobAsync(string job, CancellationToken cancellationToken = default);

    /// <summary>Subscribes a user to a topic.</summary>
    Task SubscribeAsync(string topic, string user, CancellationToken cancellationToken = default);

    /// <summary>Ends a user's subscription.</summary>
    Task UnsubscribeAsync(string topic, string user, CancellationToken cancellationToken = default);

    /// <summary>Subscribes and unsubscribes many users; more than 1,000 become several requests.</summary>
    Task ChangeSubscribersAsync(string topic, IReadOnlyCollection<string> add, IReadOnlyCollection<string> remove, CancellationToken cancellationToken = default);

    /// <summary>Whether a user is subscribed, and may change that.</summary>
    Task<Subscription> GetSubscriptionAsync(string topic, string user, CancellationToken cancellationToken = default);

    /// <summary>A topic's subscribers in the order of their bytes, read page by page.</summary>
    IAsyncEnumerable<string> ListSubscribersAsync(string topic, CancellationToken cancellationToken = default);

    /// <summary>The topics of a user, sorted.</summary>
    Task<IReadOnlyList<string>> GetTopicsAsync(string user, CancellationToken cancellationToken = default);

    /// <summary>A topic; nobody has to create it.</summary>
    Task<Topic> GetTopicAsync(string topic, CancellationToken cancellationToken = default);

    /// <summary>Whether users may subscribe themselves.</summary>
    Task SetTopicOpenAsync(string topic, bool open, CancellationToken cancellationToken = default);

    /// <summary>Announces to everybody of the tenant, however many. It is on disk when the task completes; each inbox takes it in when somebody looks.</summary>
    /// <param name="notification">Without <see cref="Notification.DeliverAt"/>, <see cref="Notification.ExpiresAt"/>, <see cref="Notification.Fallback"/> and <see cref="Notification.Receipt"/>.</param>
    /// <param name="expiresAt">From then on no inbox takes it in; at most a year ahead.</param>
    /// <param name="newcomers">Also for inboxes that begin later.</param>
    /// <param name="options">The idempotency key.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task<Announced> AnnounceAsync(Notification notification, DateTimeOffset expiresAt, bool newcomers = true, PublishOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>An announcement; null when it is not, or no longer, there.</summary>
    Task<Announcement?> GetAnnouncementAsync(string id, CancellationToken cancellationToken = default);

    /// <summary>The announcements, newest first.</summary>
    Task<IReadOnlyList<Announcement>> ListAnnouncementsAsync(CancellationToken cancellationToken = default);

    /// <summary>Takes an announcement back, also out of the inboxes that have it.</summary>
    Task RetractAnnouncementAsync(string id, CancellationToken cancellationToken = default);
}
