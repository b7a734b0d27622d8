namespace OrleansInbox;

[GenerateSerializer, Alias("event-kind")]
public enum InboxEventKind
{
    /// <summary>A notification; its <see cref="InboxEvent.Id"/> follows the one before without a hole.</summary>
    Added,

    /// <summary>Marks changed; <see cref="InboxEvent.MarksVersion"/> is one above the one before.</summary>
    Marked,

    /// <summary>Notifications were deleted or expired; counts like a mark.</summary>
    Removed,

    /// <summary>The inbox was erased, or too much was missed: reload.</summary>
    Reset,

    /// <summary>The inbox leaves its silo: watch it again.</summary>
    Moved,

    /// <summary>An action of a notification was chosen; counts like a mark.</summary>
    Acted,
}

/// <summary>What a front-end is told about an inbox that it watches, and what it reads back when it missed something.</summary>
[GenerateSerializer, Immutable, Alias("event")]
public sealed record InboxEvent
{
    /// <summary>The grain's key.</summary>
    [Id(0)] public required string Inbox { get; init; }
    [Id(1)] public required InboxEventKind Kind { get; init; }

    /// <summary>Of the notification, for <see cref="InboxEventKind.Added"/>; else the head.</summary>
    [Id(2)] public NotificationId Id { get; init; }

    /// <summary>How many changes the marks have seen, this one included.</summary>
    [Id(3)] public long MarksVersion { get; init; }

    /// <summary>The data of the server-sent event, rendered once: JSON on one line.</summary>
    [Id(4)] public byte[] Data { get; init; } = [];

    /// <summary>When the append was accepted, in Unix ms with fractions; for the delivery latency.</summary>
    [Id(5)] public double AppendedAt { get; init; }

    /// <summary>The W3C traceparent of the publish; null when nobody traces.</summary>
    [Id(6)] public string? TraceParent { get; init; }
}

/// <summary>Events that gathered for one front-end, in order for each inbox.</summary>
[GenerateSerializer, Immutable, Alias("event-batch")]
public sealed record InboxEvents
{
    [Id(0)] public required InboxEvent[] Events { get; init; }

    /// <summary>Inboxes (grain keys) of which events were dropped because the queue was full: replay them.</summary>
    [Id(1)] public string[] Missed { get; init; } = [];

    /// <summary>The front-end's own probe, on its way back; 0 in others.</summary>
    [Id(2)] public long Probe { get; init; }
}

/// <summary>Where an inbox stands when a lease is taken or renewed: what a front-end compares with what it has delivered.</summary>
[GenerateSerializer, Immutable, Alias("watched")]
public sealed record InboxPosition
{
    [Id(0)] public required InboxCounts Counts { get; init; }
    [Id(1)] public required long MarksVersion { get; init; }

    /// <summary>The epoch and seq of the newest notification; seq 0 when there is none in this epoch.</summary>
    [Id(2)] public NotificationId Head { get; init; }

    /// <summary>The first id that is still kept; above the head when nothing is.</summary>
    [Id(3)] public NotificationId Floor { get; init; }
}

/// <summary>What came after a position, oldest first.</summary>
[GenerateSerializer, Immutable, Alias("missed")]
public sealed record ReplayPage
{
    [Id(0)] public required InboxEvent[] Events { get; init; }
    [Id(1)] public required InboxPosition Now { get; init; }

    /// <summary>There is more; ask again from the last event.</summary>
    [Id(2)] public bool More { get; init; }

    /// <summary>Marks older than what the grain remembers were asked for: the client has to reload.</summary>
    [Id(3)] public bool MarksLost { get; init; }

    /// <summary>The position is that of a notification which storage has lost: the client has to reload.</summary>
    [Id(4)] public bool AfterIsLost { get; init; }
}
