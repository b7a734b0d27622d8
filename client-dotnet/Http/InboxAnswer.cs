using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace OrleansInbox.Client.Http;

/// <summary>What the server answered to a request that it did.</summary>
internal sealed record InboxAnswer(byte[] Body, bool Replayed)
{
    public T Read<T>(JsonTypeInfo<T> type)
    {
        try
        {
            return JsonSerializer.Deserialize(Body, type) ?? throw new InboxException("The answer is null.");
        }
        catch (JsonException malformed)
        {
            throw new InboxException("The answer is not one of this API: does BaseAddress lead to an inbox server?", malformed);
        }
    }
}
