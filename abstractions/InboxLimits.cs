namespace OrleansInbox;

/// <summary>Times and names that the grain and its callers rely on.</summary>
public static class InboxLimits
{
    /// <summary>A front-end that has not renewed its watch for this long gets no more events.</summary>
    public static readonly TimeSpan WatchLease = TimeSpan.FromSeconds(30);

    /// <summary>How long a publisher's idempotency key is remembered.</summary>
    public static readonly TimeSpan IdempotencyWindow = TimeSpan.FromHours(24);

    /// <summary>How long a front-end's own key is remembered: much longer than it repeats a call that was lost.</summary>
    public static readonly TimeSpan RetryWindow = TimeSpan.FromMinutes(2);

    /// <summary>The expiry, in Unix ms, of an entry whose collapse key another one has.</summary>
    public const long Replaced = 1;

    /// <summary>How many scheduled and snoozed notifications may wait in one inbox.</summary>
    public const int MaxWaiting = 1_000;

    /// <summary>The shortest and the longest <see cref="Fallback.After"/>.</summary>
    public static readonly TimeSpan ShortestFallback = TimeSpan.FromMinutes(1), LongestFallback = TimeSpan.FromDays(30);

    /// <summary>How far ahead they may be due.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromDays(366);

    /// <summary>How long it is remembered where a scheduled notification is, after it has come.</summary>
    public static readonly TimeSpan DeliveredWindow = TimeSpan.FromDays(90);

    /// <summary>A notification is snoozed for this long at least.</summary>
    public static readonly TimeSpan ShortestSnooze = TimeSpan.FromMinutes(1);

    /// <summary>The grain storage provider that holds the marks.</summary>
    public const string StateProvider = "inbox";

    /// <summary>The stream provider for events to front-ends: the stream of one is <c>StreamId.Create(StreamNamespace, frontEndId)</c>.</summary>
    public const string StreamProvider = "fan-out";
    public const string StreamNamespace = "front-end";
}
