namespace OrleansInbox.Announcements;

/// <summary>What is stored of a tenant's announcements, oldest first. Strings and numbers only, as in <see cref="InboxMarks"/>.</summary>
[GenerateSerializer, Alias("announcements-state")]
public sealed class AnnouncementsState
{
    [Id(0)] public List<AnnouncementRecord> All { get; set; } = [];
}

[GenerateSerializer, Immutable, Alias("announcement-record")]
public sealed record AnnouncementRecord
{
    /// <summary>When it was made, in Unix ms; never used twice, and above those before.</summary>
    [Id(0)] public long Id { get; init; }

    /// <summary>What <see cref="NotificationJson.Render"/> made.</summary>
    [Id(1)] public string Json { get; init; } = "";

    /// <summary>In Unix ms.</summary>
    [Id(2)] public long ExpiresAt { get; init; }
    [Id(3)] public bool Newcomers { get; init; }
    [Id(4)] public bool Mandatory { get; init; }
    [Id(5)] public bool Retracted { get; init; }

    /// <summary>The idempotency key's hash; null when there was none.</summary>
    [Id(6)] public string? Key { get; init; }

    /// <summary>Of what was said with it.</summary>
    [Id(7)] public string? Said { get; init; }

    /// <summary>Inboxes know by it what they have; null: by the id. One that is repeated under its key, because the master that had it died before a replica had it, has the same name: some
    /// inboxes may have taken in the first.</summary>
    [Id(8)] public string? Name { get; init; }
}

/// <summary>How many inboxes have taken announcements in, and have seen and read them.</summary>
[GenerateSerializer, Alias("announcement-counts")]
public sealed class AnnouncementCounts
{
    [Id(0)] public Dictionary<long, long[]> OfId { get; set; } = [];
}
