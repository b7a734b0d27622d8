using System.Text.Json.Serialization;
using OrleansInbox.Client.Http;

namespace OrleansInbox.Client;

/// <summary>After a time the server's webhooks are told, unless the user has looked by then.</summary>
public sealed record Fallback
{
    /// <summary>A minute to 30 days, to the second.</summary>
    [JsonConverter(typeof(SecondsConverter))]
    public required TimeSpan After { get; init; }

    /// <summary>What the user has to have done.</summary>
    public FallbackUnless Unless { get; init; } = FallbackUnless.Seen;
}
