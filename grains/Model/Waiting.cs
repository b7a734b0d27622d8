namespace OrleansInbox;

/// <summary>The names of scheduled notifications: a letter comes first, so that none is an id.</summary>
public static class Waiting
{
    private const int _length = 17;

    public static string NewId() => "s" + RandomId.New(bytes: 12);

    public static bool IsScheduledId(string text) => text.Length == _length && text[0] == 's';

    /// <summary>The idempotency key by which it is remembered where a scheduled one is, once it has come. No publisher's key has control characters.</summary>
    public static string KeyOf(string id) => "\u0001" + id;
}
