namespace OrleansInbox;

[GenerateSerializer, Alias("status")]
public enum StatusFilter { Inbox, Unread, Read, Archived, All }

[GenerateSerializer, Immutable, Alias("list-query")]
public sealed record ListQuery
{
    public const int DefaultLimit = 20;
    public const int MaxLimit = 100;

    /// <summary>The first page of the default list, which every bell asks for.</summary>
    public static readonly ListQuery First = new();

    [Id(0)] public int Limit { get; init; } = DefaultLimit;

    /// <summary>Only older than this.</summary>
    [Id(1)] public NotificationId? Before { get; init; }

    /// <summary>Only newer than this: the page just above it, newest first all the same.</summary>
    [Id(2)] public NotificationId? After { get; init; }
    [Id(3)] public StatusFilter Status { get; init; } = StatusFilter.Inbox;

    /// <summary>Any of these types; null for all.</summary>
    [Id(4)] public string[]? Types { get; init; }
    [Id(5)] public string? Group { get; init; }

    /// <summary>Title, body or the actor's name have this text in them, in whatever case; null for all.</summary>
    [Id(6)] public string? Search { get; init; }

    /// <summary>Which match depends on what the notifications say, so that entries have to be read.</summary>
    public bool IsByContent => Types is not null || Group is not null || Search is not null;
}

/// <summary>A page, rendered once by the grain.</summary>
[GenerateSerializer, Immutable, Alias("page")]
public sealed record InboxPage
{
    /// <summary><c>{"items":[…],"next":"…"|null,"counts":{…}}</c></summary>
    [Id(0)] public required byte[] Json { get; init; }
    [Id(1)] public required int Items { get; init; }

    /// <summary>Hand it back as <see cref="ListQuery.Before"/> (or <see cref="ListQuery.After"/>, when that was asked) for the next page; null at the end.</summary>
    [Id(2)] public NotificationId? Next { get; init; }
}

/// <summary>One notification as the API shows it; <see cref="Json"/> is null when it is not (or no longer) there.</summary>
[GenerateSerializer, Immutable, Alias("item")]
public sealed record InboxItem
{
    [Id(0)] public byte[]? Json { get; init; }
}

/// <summary>A part of an export, rendered once by the grain.</summary>
[GenerateSerializer, Immutable, Alias("export-page")]
public sealed record ExportPage
{
    /// <summary>An item on each line, as in a list.</summary>
    [Id(0)] public required byte[] Lines { get; init; }

    /// <summary>Of the last line; null when there is nothing more.</summary>
    [Id(1)] public NotificationId? Next { get; init; }

    /// <summary>As of this page.</summary>
    [Id(2)] public required InboxPosition Now { get; init; }

    /// <summary>The marks as they are stored, as of this page.</summary>
    [Id(3)] public required InboxMarks Marks { get; init; }
}

/// <summary>A list of what waits.</summary>
[GenerateSerializer, Immutable, Alias("waiting-query")]
public sealed record WaitingQuery
{
    /// <summary>What is snoozed, or what is scheduled.</summary>
    [Id(0)] public required bool Snoozed { get; init; }
    [Id(1)] public int Limit { get; init; } = ListQuery.DefaultLimit;

    /// <summary><see cref="WaitingPage.Next"/> of the page before; null for the first one.</summary>
    [Id(2)] public string? After { get; init; }
}

/// <summary>A page of what waits, rendered once by the grain.</summary>
[GenerateSerializer, Immutable, Alias("waiting-page")]
public sealed record WaitingPage
{
    /// <summary><c>{"items":[…],"next":"…"|null}</c></summary>
    [Id(0)] public required byte[] Json { get; init; }

    /// <summary>Null at the end.</summary>
    [Id(1)] public string? Next { get; init; }
}

/// <summary>What became of what was due.</summary>
[GenerateSerializer, Immutable, Alias("deliveries")]
public sealed record Deliveries
{
    /// <summary>They wait no more.</summary>
    [Id(0)] public required string[] Delivered { get; init; }

    /// <summary>They wait on, and are to be looked at again then.</summary>
    [Id(1)] public required Dictionary<string, DateTimeOffset> Later { get; init; }
}

/// <summary>What the user wants of the inbox.</summary>
[GenerateSerializer, Immutable, Alias("preferences")]
public sealed record PreferencesResult
{
    /// <summary><c>{"mute":{…},"quiet":{…}|null,"channels":{…}}</c></summary>
    [Id(0)] public required byte[] Json { get; init; }

    /// <summary>How often they were saved.</summary>
    [Id(1)] public required long Version { get; init; }

    /// <summary>False: they were not, because the version is another. <see cref="Json"/> is what is there.</summary>
    [Id(2)] public bool Saved { get; init; }
}
