using System.Text.Json.Serialization;

namespace OrleansInbox.Client;

/// <summary>How a notification is shown.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Priority>))]
public enum Priority
{
    /// <summary>Less than others.</summary>
    [JsonStringEnumMemberName("low")] Low,

    /// <summary>Like most.</summary>
    [JsonStringEnumMemberName("normal")] Normal,

    /// <summary>More than others.</summary>
    [JsonStringEnumMemberName("high")] High,
}
