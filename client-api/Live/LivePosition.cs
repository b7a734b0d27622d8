using OrleansInbox.ClientApi.Access;
using OrleansInbox.ClientApi.Endpoints;

namespace OrleansInbox.ClientApi.Live;

/// <summary>How far somebody has come in an inbox: the newest notification, and the number of changes of the marks.</summary>
internal readonly record struct LivePosition(NotificationId Id, long Marks)
{
    public static LivePosition Of(InboxPosition now) => new(now.Head, now.MarksVersion);

    public bool IsAhead(LivePosition of) => Id > of.Id || Marks > of.Marks;

    /// <summary>No hole between the two. The first of an epoch follows an inbox that held nothing.</summary>
    public static bool Follows(NotificationId next, NotificationId last) =>
        next.Seq == last.Seq + 1 && (next.Epoch == last.Epoch || (last.Seq == 0 && next.Epoch > last.Epoch));
}
