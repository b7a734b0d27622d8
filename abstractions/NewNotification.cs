namespace OrleansInbox;

/// <summary>What a publisher hands over; <see cref="NotificationRules"/> says what is legal.</summary>
[GenerateSerializer, Immutable, Alias("new-notification")]
public sealed record NewNotification
{
    [Id(0)] public required string Type { get; init; }
    [Id(1)] public required string Title { get; init; }
    [Id(2)] public string? Body { get; init; }
    [Id(3)] public string? Url { get; init; }
    [Id(4)] public NotificationActor? Actor { get; init; }
    [Id(5)] public string? Group { get; init; }

    /// <summary>Any JSON value, as UTF-8 text.</summary>
    [Id(6)] public byte[]? Data { get; init; }
    [Id(7)] public Priority? Priority { get; init; }

    /// <summary>From then on the notification is gone, as if deleted.</summary>
    [Id(8)] public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>The same key for the same inbox within 24 hours answers the first id, and adds nothing; with another notification it is refused.</summary>
    [Id(9)] public string? IdempotencyKey { get; init; }

    /// <summary>The W3C traceparent of the publish, so that one trace spans storage and delivery; null when nobody traces.</summary>
    [Id(10)] public string? TraceParent { get; init; }

    /// <summary><see cref="IdempotencyKey"/> is a front-end's own, for its retries: remembered for <see cref="InboxLimits.RetryWindow"/> only.</summary>
    [Id(11)] public bool KeyIsForRetries { get; init; }

    /// <summary>What it is about: an inbox has at most one notification of a collapse key, the newest. In HTTP it is <c>key</c>.</summary>
    [Id(12)] public string? CollapseKey { get; init; }

    /// <summary>What the user may choose from; at most <see cref="NotificationRules.MaxActions"/>.</summary>
    [Id(13)] public NotificationAction[]? Actions { get; init; }

    /// <summary>When it is to come; null or past: at once.</summary>
    [Id(14)] public DateTimeOffset? DeliverAt { get; init; }

    /// <summary>It comes, and with a sound, whatever the user's preferences say.</summary>
    [Id(15)] public bool Mandatory { get; init; }

    /// <summary>Whom to tell when the user does not look; null: nobody.</summary>
    [Id(16)] public Fallback? Fallback { get; init; }

    /// <summary>Endpoints are told when it is read.</summary>
    [Id(17)] public bool Receipt { get; init; }

    /// <summary>The topic by which it comes, for the preferences; null when it is for this inbox alone. Nothing that a publisher says.</summary>
    [Id(18)] public string? Topic { get; init; }
}

/// <summary>After a time the endpoints are told (webhook <c>notification.unseen</c>), unless the user has looked by then.</summary>
[GenerateSerializer, Immutable, Alias("fallback")]
public sealed record Fallback
{
    /// <summary>To the second.</summary>
    [Id(0)] public required TimeSpan After { get; init; }

    /// <summary>Only what is read is done; else what is seen.</summary>
    [Id(1)] public bool UnlessRead { get; init; }
}

/// <summary>Something to choose: a button.</summary>
[GenerateSerializer, Immutable, Alias("notification-action")]
public sealed record NotificationAction
{
    /// <summary>Of its notification; 1 to 64 of <c>a-z 0-9 . _ -</c>.</summary>
    [Id(0)] public required string Id { get; init; }
    [Id(1)] public required string Label { get; init; }

    /// <summary>Where it leads; null when it leads nowhere.</summary>
    [Id(2)] public string? Url { get; init; }
}

[GenerateSerializer, Immutable, Alias("actor")]
public sealed record NotificationActor
{
    [Id(0)] public string? Id { get; init; }
    [Id(1)] public string? Name { get; init; }
    [Id(2)] public string? AvatarUrl { get; init; }
}

[GenerateSerializer, Alias("priority")]
public enum Priority { Low, Normal, High }

/// <summary>The answer to an append.</summary>
[GenerateSerializer, Immutable, Alias("appended")]
public sealed record Appended
{
    [Id(0)] public required NotificationId Id { get; init; }
    [Id(1)] public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The idempotency key was known: this is the first id, and nothing was added.</summary>
    [Id(2)] public bool Replayed { get; init; }

    /// <summary>It comes later, and has this name until then; there is no <see cref="Id"/> yet.</summary>
    [Id(3)] public string? Scheduled { get; init; }

    /// <summary>By which of the user's preferences it is muted, <c>types</c>, <c>groups</c> or <c>topics</c>: nothing was stored, and there is no <see cref="Id"/>.</summary>
    [Id(4)] public string? Muted { get; init; }
}
