using System.Text.Json;
using Orleans.Storage;

namespace OrleansInbox.Storage;

/// <summary>Grain state as plain JSON: the same bytes on every runtime, and readable in redis-cli.</summary>
public sealed class JsonStateSerializer : IGrainStorageSerializer
{
    public BinaryData Serialize<T>(T? input) => new(JsonSerializer.SerializeToUtf8Bytes(input, JsonSerializerOptions.Web));

    public T? Deserialize<T>(BinaryData input) => JsonSerializer.Deserialize<T>(input, JsonSerializerOptions.Web);
}
