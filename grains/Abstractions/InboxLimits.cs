namespace OrleansInbox;

/// <summary>Limits that both sides of the grain's contract rely on.</summary>
public static class InboxLimits
{
    /// <summary>A front-end that has not renewed for this long is forgotten.</summary>
    public static readonly TimeSpan WatchLease = TimeSpan.FromSeconds(30);

    /// <summary>How long an idempotency key is remembered.</summary>
    public static readonly TimeSpan IdempotencyWindow = TimeSpan.FromHours(24);

    /// <summary>How long a front-end's own key is remembered: well beyond the time in which a call that was lost on the way could still be made.</summary>
    public static readonly TimeSpan RetryWindow = TimeSpan.FromMinutes(2);

    /// <summary>Events to front-ends: <c>StreamId.Create(StreamNamespace, frontEndId)</c> of this provider.</summary>
    /// <summary>The grain storage that holds the marks.</summary>
    public const string StateProvider = "inbox";

    public const string StreamProvider = "fan-out";
    public const string StreamNamespace = "front-end";
}
