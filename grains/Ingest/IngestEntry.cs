using System.Text;

namespace OrleansInbox.Ingest;

/// <summary>An entry as it was written, its fields in their order.</summary>
internal sealed record WrittenEntry(string Id, IReadOnlyList<(string Name, byte[] Value)> Fields);

/// <summary>An entry as it is understood: what to append to which inbox, or why not.</summary>
internal sealed record IngestEntry(string Id, string Inbox, NewNotification? Notification, string? Refusal)
{
    /// <summary>Of a reason; what goes beyond is of no use to anybody.</summary>
    private const int MaxReason = 1_000;

    private static readonly UTF8Encoding _strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>All that is wrong at once, as over HTTP. The rules for a notification are the inbox's to check, as over HTTP too.</summary>
    public static IngestEntry Read(IngestStream stream, WrittenEntry written, JsonBody.Parser<NewNotification> parser)
    {
        var errors = new FieldErrors();
        byte[]? user = null, key = null, body = null;
        foreach (var (name, value) in written.Fields)
        {
            switch (name)
            {
                case "user": Once(ref user); break;
                case "key": Once(ref key); break;
                case "notification": Once(ref body); break;
                default: errors.Add(name, "Is not known."); break;
            }

            void Once(ref byte[]? target)
            {
                if (target is not null) errors.Add(name, "Is given twice.");
                target = value;
            }
        }
        var (userId, ownKey) = (Text(user), Text(key));
        if (user is null) errors.Add("user", "Is required.");
        else if (!InboxKey.IsLegalUser(userId)) errors.Add("user", $"Must be 1 to {InboxKey.MaxBytes} bytes of UTF-8 without control characters, and not 'me', '.' or '..'.");
        if (key is not null && ownKey is null) errors.Add("key", "Must be UTF-8.");
        var notification = Parse(body, parser, errors);
        return errors.IsEmpty
            ? new(written.Id, InboxKey.Of(stream.Tenant, userId!), notification! with { IdempotencyKey = ownKey ?? stream.KeyOf(written.Id) }, null)
            : new(written.Id, "", null, Reason(errors.ToDictionary()));
    }

    /// <summary>In one line; the idempotency key by its name here.</summary>
    public static string Reason(IReadOnlyDictionary<string, string[]> errors)
    {
        var named = errors.ToDictionary(error => error.Key == NotificationRules.IdempotencyKey ? "key" : error.Key, error => error.Value);
        return Bounded(NotificationRules.InOneLine(named));
    }

    public static string Bounded(string reason) => reason.Length <= MaxReason ? reason : string.Concat(reason.AsSpan(0, MaxReason), " …");

    private static NewNotification? Parse(byte[]? body, JsonBody.Parser<NewNotification> parser, FieldErrors errors)
    {
        if (body is null) errors.Add("notification", "Is required.");
        else if (body.Length > JsonBody.MaxBytes) errors.Add("notification", JsonBody.TooLarge());
        if (body is null || body.Length > JsonBody.MaxBytes) return null;
        var found = new FieldErrors();
        var notification = JsonBody.Parse(body, parser, found);
        if (found.IsEmpty) return notification;
        foreach (var (field, reasons) in found.ToDictionary())
            foreach (var reason in reasons) errors.Add(field == FieldErrors.Whole ? "notification" : field, reason);
        return null;
    }

    private static string? Text(byte[]? utf8)
    {
        try
        {
            return utf8 is null ? null : _strict.GetString(utf8);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }
}
