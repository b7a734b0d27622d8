using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace OrleansInbox.Samples.GithubDemo;

/// <summary>A GitHub webhook delivery: the event's name and its payload, as one line <c>{"event":…,"payload":{…}}</c>.</summary>
/// <param name="Key">Names the delivery: the same line is the same delivery, whenever it is read.</param>
public sealed record WebhookDelivery(string Event, JsonElement Payload, string Key)
{
    /// <exception cref="FormatException">The line is not a delivery; the message says why.</exception>
    public static WebhookDelivery Parse(string line)
    {
        JsonElement root;
        try
        {
            root = JsonElement.Parse(line);
        }
        catch (JsonException broken)
        {
            throw new FormatException("it is not JSON", broken);
        }
        if (root.ValueKind != JsonValueKind.Object)
            throw new FormatException("it is not a JSON object");
        if (root.Text("event") is not { Length: > 0 } name)
            throw new FormatException("\"event\" is missing or no text");
        if (root.Object("payload") is not { } payload)
            throw new FormatException("\"payload\" is missing or no object");
        return new(name, payload, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(line)).AsSpan(0, 12)));
    }
}
