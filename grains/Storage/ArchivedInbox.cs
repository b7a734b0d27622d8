using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace OrleansInbox.Storage;

/// <summary>All that storage holds of one inbox but its idempotency keys.</summary>
/// <param name="Key">The grain's key.</param>
/// <param name="Epoch">The highest that was ever used; 0 when nothing was ever published.</param>
/// <param name="Head">The highest seq ever assigned in it; 0 when it was erased.</param>
/// <param name="IsErased">Nothing of the epoch is left, and the next one is above it.</param>
/// <param name="Skipped">The seqs that were left out.</param>
/// <param name="Entries">In the order of their seqs.</param>
/// <param name="Marks">The grain's state as it is stored (JSON); null when there is none.</param>
public sealed record ArchivedInbox(string Key, long Epoch, long Head, bool IsErased, SeqRanges Skipped, IReadOnlyList<ArchivedEntry> Entries, byte[]? Marks)
{
    /// <summary>What is scheduled or snoozed.</summary>
    public IReadOnlyList<WaitingItem> Waiting { get; init; } = [];

    /// <summary>
    /// What was marked after the backup is lost, and clients may know its versions: like lost ids, those must not name another view of the inbox. An inbox takes less
    /// than 10 changes a millisecond.
    /// </summary>
    /// <param name="since">The time from the backup to the restore.</param>
    public ArchivedInbox AfterLoss(TimeSpan since)
    {
        const long atOnce = 100_000, perMillisecond = 10;
        var marks = Marks is null ? new JsonObject { ["epoch"] = 0 } : JsonNode.Parse(Marks)!.AsObject(); // as JSON: members of later versions stay
        marks["version"] = (marks["version"]?.GetValue<long>() ?? 0) + atOnce + perMillisecond * (long)Math.Max(0, since.TotalMilliseconds);
        return this with { Marks = Encoding.UTF8.GetBytes(marks.ToJsonString()) };
    }
}

/// <param name="CreatedAt">By which it ages, in Unix ms.</param>
/// <param name="ExpiresAt">In Unix ms; null: never.</param>
/// <param name="Json">As <see cref="LogEntry.Json"/>.</param>
public sealed record ArchivedEntry(long Seq, long CreatedAt, long? ExpiresAt, string Writer, byte[] Json);

/// <summary>An idempotency key.</summary>
/// <param name="Inbox">The grain's key.</param>
/// <param name="Key">Its <see cref="IdempotencyHash"/>, as Base64Url.</param>
/// <param name="Epoch">Of the entry that was published with it.</param>
/// <param name="Seq">Likewise.</param>
/// <param name="CreatedAt">Likewise, in Unix ms.</param>
/// <param name="Hash">What is kept beside it; null when nothing is.</param>
/// <param name="Until">When it is forgotten, in Unix ms.</param>
public sealed record ArchivedKey(string Inbox, string Key, long Epoch, long Seq, long CreatedAt, string? Hash, long Until);

/// <summary>A part of a topic.</summary>
/// <param name="Key">The grain's key.</param>
/// <param name="IsOpen">One of the parts says it, if the topic is open.</param>
/// <param name="Subscribers">At most <see cref="Topics.TopicLimits.MaxUsers"/>.</param>
public sealed record ArchivedTopic(string Key, bool IsOpen, IReadOnlyList<string> Subscribers);

/// <param name="Tenant">The grain's key.</param>
/// <param name="State">As it is stored: <see cref="Announcements.AnnouncementsState"/>.</param>
public sealed record ArchivedAnnouncements(string Tenant, byte[] State);

/// <summary>A person was forgotten: a restore passes over what was theirs.</summary>
/// <param name="Hash">Of the grain's key, as Base64Url: a tombstone names nobody.</param>
/// <param name="Epoch">Inboxes of this epoch and of those before are passed over.</param>
/// <param name="Until">When it is dropped, in Unix ms.</param>
public sealed record Tombstone(string Hash, long Epoch, long Until)
{
    public static string HashOf(string inbox) => System.Buffers.Text.Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(inbox)));
}
