using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using OrleansInbox.Client.Http;

namespace OrleansInbox.Client;

/// <summary>A notification's <c>data</c>: any JSON value, sent as it is written, so that numbers of any length survive.</summary>
[JsonConverter(typeof(NotificationDataConverter))]
public sealed record NotificationData
{
    private NotificationData(string json) => Json = json;

    /// <summary>The value as JSON.</summary>
    public string Json { get; }

    /// <summary>An object of the application's, as its source-generated serializer writes it.</summary>
    public static NotificationData From<T>(T value, JsonTypeInfo<T> type) => new(JsonSerializer.Serialize(value, type));

    /// <summary>A JSON value that was read elsewhere.</summary>
    public static NotificationData From(JsonElement value) => new(value.GetRawText());

    /// <summary>A JSON text.</summary>
    /// <exception cref="FormatException">It is not one JSON value.</exception>
    public static NotificationData Parse([StringSyntax(StringSyntaxAttribute.Json)] string json)
    {
        try
        {
            using var parsed = JsonDocument.Parse(json);
            return From(parsed.RootElement);
        }
        catch (JsonException malformed)
        {
            throw new FormatException($"Not JSON: {malformed.Message}", malformed);
        }
    }

    /// <summary>The value as JSON.</summary>
    public override string ToString() => Json;
}
