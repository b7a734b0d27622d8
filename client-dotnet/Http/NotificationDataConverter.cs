using System.Text.Json;
using System.Text.Json.Serialization;

namespace OrleansInbox.Client.Http;

internal sealed class NotificationDataConverter : JsonConverter<NotificationData>
{
    public override NotificationData Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var value = JsonDocument.ParseValue(ref reader);
        return NotificationData.From(value.RootElement);
    }

    public override void Write(Utf8JsonWriter writer, NotificationData value, JsonSerializerOptions options) => writer.WriteRawValue(value.Json);
}
