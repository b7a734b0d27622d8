using System.Buffers;
using System.Buffers.Text;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using OrleansInbox.Storage;

namespace OrleansInbox.Backups;

/// <summary>
/// The lines of a backup: JSON objects, UTF-8, gzip around them all. First <see cref="BackupHeader"/>, then an inbox on each line, then idempotency keys, then
/// topics in parts, announcements, then tombstones, and last <see cref="BackupSummary"/> with the SHA-256 of the lines before it. What a line is is told by its first member.
/// </summary>
internal static class BackupFormat
{
    public const string Name = "orleansinbox-backup";
    public const int Version = 3; // 2: what waits; 3: topics and announcements

    public static Utf8JsonWriter Writer(IBufferWriter<byte> output) => new(output, NotificationJson.WriterOptions);

    public static void Write(Utf8JsonWriter json, BackupHeader header)
    {
        json.WriteStartObject();
        json.WriteString("format"u8, Name);
        json.WriteNumber("version"u8, Version);
        json.WriteString("product"u8, "OrleansInbox");
        json.WriteString("created"u8, header.Created);
        json.WriteString("source"u8, header.Source);
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, ArchivedInbox inbox)
    {
        json.WriteStartObject();
        json.WriteString("inbox"u8, inbox.Key);
        json.WriteNumber("epoch"u8, inbox.Epoch);
        json.WriteNumber("head"u8, inbox.Head);
        if (inbox.IsErased) json.WriteBoolean("erased"u8, true);
        if (!inbox.Skipped.IsEmpty) json.WriteString("skipped"u8, inbox.Skipped.ToString());
        if (inbox.Marks is { } marks)
        {
            json.WritePropertyName("marks"u8);
            json.WriteRawValue(marks, skipInputValidation: true);
        }
        json.WriteStartArray("entries"u8);
        foreach (var entry in inbox.Entries)
        {
            json.WriteStartObject();
            json.WriteNumber("seq"u8, entry.Seq);
            json.WriteNumber("created"u8, entry.CreatedAt);
            if (entry.ExpiresAt is { } at) json.WriteNumber("expires"u8, at);
            json.WriteString("writer"u8, entry.Writer);
            json.WritePropertyName("json"u8);
            json.WriteRawValue(entry.Json, skipInputValidation: true);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        if (inbox.Waiting.Count > 0)
        {
            json.WriteStartArray("waiting"u8);
            foreach (var item in inbox.Waiting)
            {
                json.WriteStartObject();
                json.WriteString("id"u8, item.Id);
                json.WriteNumber("due"u8, item.DueAt.ToUnixTimeMilliseconds());
                if (item.Options.Length > 0) json.WriteString("options"u8, item.Options);
                json.WritePropertyName("json"u8);
                json.WriteRawValue(item.Json, skipInputValidation: true);
                json.WriteEndObject();
            }
            json.WriteEndArray();
        }
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, ArchivedKey key)
    {
        json.WriteStartObject();
        json.WriteString("key"u8, key.Key);
        json.WriteString("inbox"u8, key.Inbox);
        json.WriteNumber("epoch"u8, key.Epoch);
        json.WriteNumber("seq"u8, key.Seq);
        json.WriteNumber("created"u8, key.CreatedAt);
        if (key.Hash is not null) json.WriteString("hash"u8, key.Hash);
        json.WriteNumber("until"u8, key.Until);
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, ArchivedTopic topic)
    {
        json.WriteStartObject();
        json.WriteString("topic"u8, topic.Key);
        if (topic.IsOpen) json.WriteBoolean("open"u8, true);
        json.WriteStartArray("subscribers"u8);
        foreach (var user in topic.Subscribers) json.WriteStringValue(user);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, ArchivedAnnouncements announcements)
    {
        json.WriteStartObject();
        json.WriteString("announcements"u8, announcements.Tenant);
        json.WritePropertyName("state"u8);
        json.WriteRawValue(announcements.State, skipInputValidation: true);
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, Tombstone tombstone)
    {
        json.WriteStartObject();
        json.WriteString("forgotten"u8, tombstone.Hash);
        json.WriteNumber("epoch"u8, tombstone.Epoch);
        json.WriteNumber("until"u8, tombstone.Until);
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, BackupSummary summary, byte[] hash)
    {
        json.WriteStartObject();
        json.WriteBoolean("end"u8, true);
        json.WriteNumber("inboxes"u8, summary.Inboxes);
        json.WriteNumber("keys"u8, summary.Keys);
        json.WriteNumber("topics"u8, summary.Topics);
        json.WriteNumber("forgotten"u8, summary.Tombstones);
        json.WriteString("sha256"u8, Convert.ToHexStringLower(hash));
        json.WriteEndObject();
    }

    /// <returns><see cref="BackupHeader"/>, <see cref="ArchivedInbox"/>, <see cref="ArchivedKey"/>, <see cref="ArchivedTopic"/>, <see cref="ArchivedAnnouncements"/>, <see cref="Tombstone"/>, or <see cref="BackupSummary"/> with its hash.</returns>
    /// <exception cref="JsonException">It is none of these. So are <see cref="KeyNotFoundException"/>, <see cref="InvalidOperationException"/> and <see cref="FormatException"/>.</exception>
    public static object Read(ReadOnlyMemory<byte> line)
    {
        using var document = JsonDocument.Parse(line);
        var root = document.RootElement;
        var first = root.EnumerateObject() is var members && members.MoveNext() ? members.Current.Name : "";
        return first switch
        {
            "inbox" => Inbox(root),
            "key" => new ArchivedKey(Text(root, "inbox"), Text(root, "key"), Number(root, "epoch"), Number(root, "seq"), Number(root, "created"), root.TryGetProperty("hash", out var hash) ? hash.GetString() : null, Number(root, "until")),
            "topic" => new ArchivedTopic(Text(root, "topic"), root.TryGetProperty("open", out _), [.. root.GetProperty("subscribers").EnumerateArray().Select(user => user.GetString()!)]),
            "announcements" => new ArchivedAnnouncements(Text(root, "announcements"), Encoding.UTF8.GetBytes(root.GetProperty("state").GetRawText())),
            "forgotten" => new Tombstone(Text(root, "forgotten"), Number(root, "epoch"), Number(root, "until")),
            "format" => new BackupHeader(Text(root, "format"), (int)Number(root, "version"), root.GetProperty("created").GetDateTimeOffset(), Text(root, "source")),
            "end" => (new BackupSummary(Number(root, "inboxes"), Number(root, "keys"), Number(root, "forgotten")) { Topics = root.TryGetProperty("topics", out var topics) ? topics.GetInt64() : 0 }, Text(root, "sha256")),
            _ => throw new JsonException($"A line begins with '{first}'."),
        };
    }

    private static ArchivedInbox Inbox(JsonElement root)
    {
        var entries = new List<ArchivedEntry>(root.GetProperty("entries").GetArrayLength());
        foreach (var entry in root.GetProperty("entries").EnumerateArray())
            entries.Add(new(Number(entry, "seq"), Number(entry, "created"), entry.TryGetProperty("expires", out var at) ? at.GetInt64() : null, Text(entry, "writer"), Raw(entry.GetProperty("json"))));
        return new(Text(root, "inbox"), Number(root, "epoch"), Number(root, "head"), root.TryGetProperty("erased", out _),
            root.TryGetProperty("skipped", out var skipped) ? SeqRanges.Parse(skipped.GetString()) : SeqRanges.Empty, entries, root.TryGetProperty("marks", out var marks) ? Raw(marks) : null)
        {
            Waiting = root.TryGetProperty("waiting", out var waiting)
                ? [.. waiting.EnumerateArray().Select(item => new WaitingItem(Text(item, "id"), DateTimeOffset.FromUnixTimeMilliseconds(Number(item, "due")), Raw(item.GetProperty("json"))) { Options = item.TryGetProperty("options", out var options) ? options.GetString()! : "" })] : [],
        };
    }

    /// <summary>The bytes as they were written.</summary>
    private static byte[] Raw(JsonElement element) => JsonMarshal.GetRawUtf8Value(element).ToArray();

    private static string Text(JsonElement of, string name) => of.GetProperty(name).GetString() ?? throw new JsonException($"{name} is null.");

    private static long Number(JsonElement of, string name) => of.GetProperty(name).GetInt64();
}

/// <param name="Format"><see cref="BackupFormat.Name"/>.</param>
/// <param name="Version">A file of a later version is refused.</param>
/// <param name="Created">When the backup began.</param>
/// <param name="Source">The storage that it was made of.</param>
internal sealed record BackupHeader(string Format, int Version, DateTimeOffset Created, string Source);

/// <summary>What a backup holds.</summary>
public sealed record BackupSummary(long Inboxes, long Keys, long Tombstones)
{
    /// <summary>Lines with a part of a topic.</summary>
    public long Topics { get; init; }
}
