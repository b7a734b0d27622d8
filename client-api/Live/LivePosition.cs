namespace OrleansInbox.ClientApi.Live;

/// <summary>A position in an inbox: the newest notification, and the number of changes of marks.</summary>
internal readonly record struct LivePosition(NotificationId Id, long Marks)
{
    public static LivePosition Of(InboxPosition now) => new(now.Head, now.MarksVersion);

    public bool IsAheadOf(LivePosition other) => Id > other.Id || Marks > other.Marks;

    /// <summary>No notification is between the two. The first of an epoch follows an inbox that held nothing.</summary>
    public static bool Follows(NotificationId next, NotificationId last) =>
        next.Seq == last.Seq + 1 && (next.Epoch == last.Epoch || (last.Seq == 0 && next.Epoch > last.Epoch));
}
