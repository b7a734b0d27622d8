using System.Text.Encodings.Web;
using System.Text.Json;

namespace OrleansInbox;

/// <summary>What a user wants of an inbox: what is not to come at all, and when it is to come without a sound.</summary>
public sealed record Preferences
{
    public static readonly Preferences None = new();

    private static readonly JsonWriterOptions _json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Types, and beginnings of types that end with <c>*</c>.</summary>
    public IReadOnlyList<string> MutedTypes { get; init; } = [];
    public IReadOnlyList<string> MutedGroups { get; init; } = [];
    public IReadOnlyList<string> MutedTopics { get; init; } = [];

    /// <summary>Null: none.</summary>
    public QuietHours? Quiet { get; init; }

    /// <summary>The application's own, handed through: of each channel the types that it is not to have.</summary>
    public IReadOnlyList<(string Channel, IReadOnlyList<string> Off)> Channels { get; init; } = [];

    /// <returns>By what a notification is muted, <c>types</c>, <c>groups</c> or <c>topics</c>; null when it is not.</returns>
    public string? Mutes(string type, string? group, string? topic = null) =>
        MutedTypes.Any(muted => muted[^1] == '*' ? type.AsSpan().StartsWith(muted.AsSpan(0, muted.Length - 1), StringComparison.Ordinal) : muted == type) ? "types"
        : group is not null && MutedGroups.Contains(group, StringComparer.Ordinal) ? "groups"
        : topic is not null && MutedTopics.Contains(topic, StringComparer.Ordinal) ? "topics"
        : null;

    public byte[] ToJson()
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, _json))
        {
            json.WriteStartObject();
            json.WriteStartObject("mute"u8);
            Write("types"u8, MutedTypes);
            Write("groups"u8, MutedGroups);
            Write("topics"u8, MutedTopics);
            json.WriteEndObject();
            if (Quiet is { } quiet)
            {
                json.WriteStartObject("quiet"u8);
                json.WriteString("from"u8, QuietHours.TextOf(quiet.From));
                json.WriteString("to"u8, QuietHours.TextOf(quiet.To));
                json.WriteString("zone"u8, quiet.Zone);
                json.WriteEndObject();
            }
            else
            {
                json.WriteNull("quiet"u8);
            }
            json.WriteStartObject("channels"u8);
            foreach (var (channel, off) in Channels)
            {
                json.WriteStartObject(channel);
                Write("off"u8, off);
                json.WriteEndObject();
            }
            json.WriteEndObject();
            json.WriteEndObject();

            void Write(ReadOnlySpan<byte> name, IReadOnlyList<string> texts)
            {
                json.WriteStartArray(name);
                foreach (var text in texts) json.WriteStringValue(text);
                json.WriteEndArray();
            }
        }
        return buffer.ToArray();
    }
}
