using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace OrleansInbox.Webhooks;

/// <summary>What an endpoint is told, as it waits and as it is sent (Standard Webhooks 1.0: standardwebhooks.com).</summary>
/// <param name="Id">Stays the same over all attempts.</param>
/// <param name="Payload">The body.</param>
internal sealed record WebhookEvent(string Id, byte[] Payload)
{
    /// <summary>As it waits for an endpoint, which is named in the id.</summary>
    public static WaitingItem Waiting(WebhookEndpoint endpoint, byte[] payload, DateTimeOffset now) =>
        new((char)WaitingKind.Event + endpoint.Key + RandomId.New(bytes: 9), now, [.. Encoding.ASCII.GetBytes($"{{\"id\":\"msg_{RandomId.New(bytes: 18)}\",\"payload\":"), .. payload, (byte)'}']);

    /// <returns><see cref="WebhookEndpoint.Key"/>.</returns>
    public static string EndpointOf(string id) => id.Substring(1, WebhookEndpoint.KeyLength);

    public static WebhookEvent Parse(WaitingItem item)
    {
        using var json = JsonDocument.Parse(item.Json);
        return new(json.RootElement.GetProperty("id").GetString()!, JsonMarshal.GetRawUtf8Value(json.RootElement.GetProperty("payload")).ToArray());
    }

    public HttpRequestMessage Request(WebhookEndpoint endpoint, DateTimeOffset now)
    {
        var timestamp = now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var request = new HttpRequestMessage(HttpMethod.Post, endpoint.Url) { Content = new ByteArrayContent(Payload) { Headers = { ContentType = new("application/json") } } };
        request.Headers.TryAddWithoutValidation("User-Agent", "OrleansInbox");
        request.Headers.Add("webhook-id", Id);
        request.Headers.Add("webhook-timestamp", timestamp);
        request.Headers.Add("webhook-signature", "v1," + Convert.ToBase64String(HMACSHA256.HashData(endpoint.Secret.Span, [.. Encoding.ASCII.GetBytes($"{Id}.{timestamp}."), .. Payload])));
        return request;
    }
}
