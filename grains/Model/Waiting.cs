namespace OrleansInbox;

/// <summary>The names of what waits: a letter comes first, so that none is a notification's id.</summary>
public static class Waiting
{
    private const int _length = 17;

    /// <summary>In the index of what is due, with a topic's key: it has jobs.</summary>
    public const string TopicId = "t";

    public static string NewId(WaitingKind kind) => (char)kind + RandomId.New(bytes: 12);

    public static WaitingKind KindOf(string id) => char.IsAsciiDigit(id[0]) ? WaitingKind.Snoozed : (WaitingKind)id[0];

    public static bool IsScheduledId(string text) => text.Length == _length && KindOf(text) == WaitingKind.Scheduled;

    /// <summary>For <see cref="Storage.NewLogEntry.WaitingId"/>: the entry may come unless that waits.</summary>
    public static string Unless(string id) => "!" + id;

    /// <summary>The idempotency key by which it is remembered where a scheduled one is, once it has come. No publisher's key has control characters.</summary>
    public static string KeyOf(string id) => "\u0001" + id;
}
