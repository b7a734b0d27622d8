using OrleansInbox.Announcements;

namespace OrleansInbox.ClientApi.Requests;

/// <summary>The body of an announcement.</summary>
internal static class AnnouncementBody
{
    private static readonly TimeSpan _longest = TimeSpan.FromDays(366);

    public static JsonBody.Parser<NewAnnouncement> Parser(TimeProvider time) => (utf8, errors) => Parse(utf8, errors, time);

    private static NewAnnouncement Parse(ReadOnlySpan<byte> utf8, FieldErrors errors, TimeProvider time)
    {
        var fields = new BodyFields(utf8, errors);
        NewNotification? notification = null;
        DateTimeOffset? expiresAt = null;
        bool? newcomers = null;
        while (fields.Next())
        {
            if (fields.Is("notification"u8)) PublishBody.Inner(ref fields, ref notification);
            else if (fields.Is("expiresAt"u8)) fields.Time(ref expiresAt);
            else if (fields.Is("newcomers"u8)) fields.Flag(ref newcomers);
            else fields.Unknown();
        }
        var now = time.GetUtcNow();
        if (expiresAt is null) errors.AddOther(new Dictionary<string, string[]> { ["expiresAt"] = ["Is missing: when the announcement is over."] });
        else if (expiresAt <= now || expiresAt > now + _longest) errors.Add("expiresAt", "Must lie in the future, and at most a year ahead.");
        if (notification is { DeliverAt: not null }) errors.Add("notification.deliverAt", "An announcement comes at once.");
        if (notification is { ExpiresAt: not null }) errors.Add("notification.expiresAt", "Is that of the announcement.");
        if (notification is { Fallback: not null }) errors.Add("notification.fallback", "An announcement has none.");
        if (notification is { Receipt: true }) errors.Add("notification.receipt", "An announcement has none; it is counted.");
        PublishBody.Check(notification, now, errors);
        return new((notification ?? new NewNotification { Type = "", Title = "" }) with { ExpiresAt = expiresAt }, newcomers != false);
    }
}
