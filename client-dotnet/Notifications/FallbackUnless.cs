using System.Text.Json.Serialization;

namespace OrleansInbox.Client;

/// <summary>What makes a <see cref="Fallback"/> needless.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<FallbackUnless>))]
public enum FallbackUnless
{
    /// <summary>The notification was on the user's screen.</summary>
    [JsonStringEnumMemberName("seen")] Seen,

    /// <summary>The user has read it.</summary>
    [JsonStringEnumMemberName("read")] Read,
}
