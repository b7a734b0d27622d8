namespace OrleansInbox.ClientApi.Requests;

/// <summary>The body of a batch: one notification for many users.</summary>
internal sealed record BatchBody(string[] Users, NewNotification Notification)
{
    public const int MaxUsers = 1_000;

    public static JsonBody.Parser<BatchBody> Parser(TimeProvider time) => (utf8, errors) => Parse(utf8, errors, time);

    private static BatchBody Parse(ReadOnlySpan<byte> utf8, FieldErrors errors, TimeProvider time)
    {
        var fields = new BodyFields(utf8, errors);
        string[]? users = null;
        NewNotification? notification = null;
        while (fields.Next())
        {
            if (fields.Is("users"u8)) fields.Texts(ref users);
            else if (fields.Is("notification"u8)) PublishBody.Inner(ref fields, ref notification);
            else fields.Unknown();
        }
        if (users is null || users.Length is 0 or > MaxUsers) errors.Add("users", $"Must be 1 to {MaxUsers:N0} users.");
        else if (Array.Find(users, user => !InboxKey.IsLegalUser(user)) is { } illegal) errors.Add("users", $"'{illegal}' is no user: 1 to {InboxKey.MaxBytes} bytes of UTF-8 without control characters, and not 'me', '.' or '..'.");
        else if (users.Distinct(StringComparer.Ordinal).Count() < users.Length) errors.Add("users", "Must name each user once.");
        PublishBody.Check(notification, time.GetUtcNow(), errors);
        return new(users ?? [], notification!);
    }
}
