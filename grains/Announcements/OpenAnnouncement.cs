using System.Globalization;
using System.Text;

namespace OrleansInbox.Announcements;

/// <summary>An announcement, as inboxes take it in.</summary>
public sealed class OpenAnnouncement
{
    /// <summary>How long an inbox remembers that it has taken one in: longer than it can be taken in, whatever clocks show.</summary>
    private static readonly TimeSpan _remembered = TimeSpan.FromDays(2);

    private OpenAnnouncement(AnnouncementRecord record)
    {
        (Id, IsForNewcomers, IsMandatory, IsRetracted) = (record.Id, record.Newcomers, record.Mandatory, record.Retracted);
        Json = Encoding.UTF8.GetBytes(record.Json);
        ExpiresAt = DateTimeOffset.FromUnixTimeMilliseconds(record.ExpiresAt);
        (Type, Group, CollapseKey) = (NotificationJson.TypeOf(Json), NotificationJson.GroupOf(Json), NotificationJson.CollapseKeyOf(Json));
        WaitingId = (char)WaitingKind.Announced + (record.Name ?? Id.ToString(CultureInfo.InvariantCulture));
    }

    public long Id { get; }
    public byte[] Json { get; }
    public DateTimeOffset ExpiresAt { get; }
    public bool IsForNewcomers { get; }
    public bool IsMandatory { get; }
    public bool IsRetracted { get; }
    public string Type { get; }
    public string? Group { get; }
    public string? CollapseKey { get; }

    /// <summary>What waits in an inbox that has taken it in, until <see cref="RememberedUntil"/>.</summary>
    public string WaitingId { get; }

    public DateTimeOffset RememberedUntil => ExpiresAt + _remembered;

    public static OpenAnnouncement Of(AnnouncementRecord record) => new(record);
}
