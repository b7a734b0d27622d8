namespace OrleansInbox;

/// <summary>
/// One user's inbox; the key is <see cref="InboxKey.Of"/> tenant and user. Appends are ordered, durable before they return, and idempotent by key.
/// Nothing is ever served that storage has not accepted. Every method may throw <see cref="StorageUnavailableException"/>.
/// </summary>
/// <remarks>A change has a deadline: until then its caller waits. A change that arrives later (the silo was frozen, the network slow) is not made but answered with a
/// <see cref="TimeoutException"/>: the caller has tried again since, and other changes may have been made on top. What has to look into the entries (a filter by type or
/// group, counts of types, a mark by type or group) is done one after the other, ends when its token is cancelled, and at <c>Inbox:ScanTimeout</c>.</remarks>
[Alias("inbox")]
public interface IInboxGrain : IGrainWithStringKey
{
    /// <summary>Adds a notification, at once or when it is due, and removes the one that had its collapse key. Durable when the task completes.</summary>
    /// <returns>The notification's place; <see cref="Appended.Replayed"/> when the idempotency key was known.</returns>
    /// <exception cref="InvalidNotificationException">It breaks a rule of <see cref="NotificationRules"/>.</exception>
    /// <exception cref="KeyReusedException">The idempotency key was known, and for a notification that says something else.</exception>
    /// <exception cref="TooManyWaitingException">As many wait as may.</exception>
    /// <exception cref="StorageUnavailableException">Nothing was stored, or (when it says so) that could not be found out.</exception>
    [Alias("append")] Task<Appended> Append(NewNotification notification);

    /// <summary>A page, newest first. Marks nothing.</summary>
    [Alias("list")] Task<InboxPage> List(ListQuery query, CancellationToken cancelled = default);

    /// <summary>One notification.</summary>
    [Alias("get")] Task<InboxItem> Get(NotificationId id);

    /// <summary>From memory.</summary>
    [Alias("counts")] Task<InboxCounts> Counts();

    /// <summary>Of these types alone. Reads what is kept, once for each version.</summary>
    [Alias("counts-of")] Task<InboxCounts> CountsOf(string[] types, CancellationToken cancelled = default);

    /// <summary>Idempotent; ids that are not (or no longer) there are passed over.</summary>
    [Alias("mark")] Task<InboxCounts> Mark(MarkRequest request, DateTimeOffset? deadline = null, CancellationToken cancelled = default);

    /// <summary>Restores the flags that a mark changed and nobody changed since. Idempotent.</summary>
    /// <param name="token"><see cref="MarkRequest.Undo"/> of the mark.</param>
    /// <param name="deadline">See above.</param>
    /// <exception cref="UndoExpiredException">It was too long ago, or too many came after it.</exception>
    [Alias("undo")] Task<InboxCounts> Undo(string token, DateTimeOffset? deadline = null);

    /// <summary>Sets the flags of one notification; null leaves one as it is.</summary>
    [Alias("patch")] Task<InboxItem> Patch(NotificationId id, bool? read, bool? archived, DateTimeOffset? deadline = null);

    /// <summary>Chooses an action of a notification; the first choice stays. Idempotent.</summary>
    /// <returns>Without <see cref="InboxItem.Json"/> when there is no such notification, or it has no such action.</returns>
    /// <exception cref="AlreadyActedException">Another one was chosen before.</exception>
    [Alias("act")] Task<InboxItem> Act(NotificationId id, string action, DateTimeOffset? deadline = null);

    /// <summary>Removes one notification. Idempotent.</summary>
    [Alias("delete")] Task Delete(NotificationId id);

    /// <summary>Removes what has the collapse key: the notification, and what is scheduled or snoozed. Idempotent.</summary>
    [Alias("retract")] Task Retract(string collapseKey);

    /// <summary>A scheduled notification is not to come. Idempotent.</summary>
    /// <param name="scheduled"><see cref="Appended.Scheduled"/>.</param>
    /// <returns>Null: it never comes. Else it has come before, as this one.</returns>
    [Alias("cancel")] Task<NotificationId?> Cancel(string scheduled);

    /// <summary>Takes notifications out until a time; then each comes again, as a new one. Those that are not there are passed over. Idempotent.</summary>
    /// <exception cref="TooManyWaitingException">Nothing was changed.</exception>
    [Alias("snooze")] Task<InboxCounts> Snooze(NotificationId[] ids, DateTimeOffset until, DateTimeOffset? deadline = null);

    /// <summary>What is snoozed comes now. Those that are not snoozed are passed over. Idempotent.</summary>
    [Alias("unsnooze")] Task<InboxCounts> Unsnooze(NotificationId[] ids);

    /// <summary>What is scheduled, or what is snoozed; soonest first.</summary>
    [Alias("waiting")] Task<WaitingPage> Waiting(WaitingQuery query);

    /// <summary>For the index of what is due: these are, as far as it knows. Those that do not wait are passed over.</summary>
    [Alias("deliver")] Task<Deliveries> Deliver(string[] ids);

    /// <summary>What the user wants of the inbox.</summary>
    [Alias("preferences")] Task<PreferencesResult> Preferences();

    /// <summary>Sets all of it. The same again changes nothing.</summary>
    /// <param name="json">The body of <c>PUT /v1/users/{user}/preferences</c>.</param>
    /// <param name="ifVersions">Only when <see cref="PreferencesResult.Version"/> is one of these; null: in any case.</param>
    /// <param name="deadline">See above.</param>
    [Alias("save-preferences")] Task<PreferencesResult> SavePreferences(byte[] json, long[]? ifVersions, DateTimeOffset? deadline = null);

    /// <summary>The names of the topics that the user is subscribed to, sorted.</summary>
    [Alias("topics")] Task<string[]> Topics();

    /// <summary>Removes everything but what is scheduled, the preferences and the subscriptions. The next append starts a new epoch, above the old one.</summary>
    [Alias("erase")] Task Erase(DateTimeOffset? deadline = null);

    /// <summary>Forgets the person: like <see cref="Erase"/>, and nothing of the inbox stays, but a tombstone that names nobody, by which a restore passes it over. The user leaves all topics.</summary>
    [Alias("forget")] Task Forget(DateTimeOffset? deadline = null);

    /// <summary>The notifications above <paramref name="after"/> up to <paramref name="to"/>, a page of them, oldest first.</summary>
    [Alias("export")] Task<ExportPage> Export(NotificationId after, NotificationId to);

    /// <summary>From now on, and until the lease of <see cref="InboxLimits.WatchLease"/> runs out, events go to that front-end. Called again it renews.</summary>
    /// <param name="frontEnd">Its name, another one for each start of the process.</param>
    [Alias("watch")] Task<InboxPosition> Watch(string frontEnd);

    /// <summary>Ends the lease.</summary>
    [Alias("unwatch")] Task Unwatch(string frontEnd);

    /// <summary>What came after <paramref name="after"/> and after <paramref name="marksVersion"/> (negative: no marks wanted), at most <paramref name="max"/> notifications.</summary>
    [Alias("read-back")] Task<ReplayPage> Replay(NotificationId after, long marksVersion, int max);
}
