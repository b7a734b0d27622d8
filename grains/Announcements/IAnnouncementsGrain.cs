namespace OrleansInbox.Announcements;

/// <summary>The announcements of one tenant; the key is the tenant, escaped as in <see cref="InboxKey.Of"/>. It is asked to change them and for its views; inboxes read
/// what storage has (<see cref="TenantAnnouncements"/>), so that they need no other silo.</summary>
[Alias("announcements")]
public interface IAnnouncementsGrain : IGrainWithStringKey
{
    /// <summary>For every inbox of the tenant. Durable when the task completes.</summary>
    /// <exception cref="InvalidNotificationException">It breaks a rule of <see cref="NotificationRules"/>.</exception>
    /// <exception cref="KeyReusedException">The idempotency key was known, and for another announcement.</exception>
    /// <exception cref="TooManyWaitingException">As many are open as may be.</exception>
    [Alias("announce")] Task<Announced> Announce(NewAnnouncement announcement, DateTimeOffset? deadline = null);

    /// <summary>From now on no inbox takes it in, and those that have it remove it. Idempotent.</summary>
    /// <returns>False: there is none of this id.</returns>
    [Alias("retract")] Task<bool> Retract(long id, DateTimeOffset? deadline = null);

    /// <summary>As JSON: one, or null when there is none of this id.</summary>
    [Alias("get")] Task<byte[]?> Get(long id);

    /// <summary>As JSON: all, newest first.</summary>
    [Alias("list")] Task<byte[]> List();

    /// <summary>What inboxes of one silo did since it told before.</summary>
    [Alias("count")] Task Count(AnnouncementCount[] counts);
}

/// <param name="Notification">Its expiry is that of the announcement.</param>
/// <param name="Newcomers">Also for inboxes that are born later.</param>
[GenerateSerializer, Immutable, Alias("new-announcement")]
public sealed record NewAnnouncement([property: Id(0)] NewNotification Notification, [property: Id(1)] bool Newcomers);

/// <param name="Replayed">The idempotency key was known: this is the first one.</param>
[GenerateSerializer, Immutable, Alias("announced")]
public sealed record Announced([property: Id(0)] long Id, [property: Id(1)] bool Replayed);

/// <summary>How many more inboxes have taken one in, and have seen and read it.</summary>
[GenerateSerializer, Immutable, Alias("announcement-count")]
public readonly record struct AnnouncementCount([property: Id(0)] long Id, [property: Id(1)] long Delivered, [property: Id(2)] long Seen, [property: Id(3)] long Read)
{
    public static AnnouncementCount operator +(AnnouncementCount one, AnnouncementCount other) =>
        new(one.Id, one.Delivered + other.Delivered, one.Seen + other.Seen, one.Read + other.Read);
}
