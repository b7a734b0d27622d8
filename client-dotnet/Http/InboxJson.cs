using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace OrleansInbox.Client.Http;

/// <summary>The bodies of requests and answers.</summary>
[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(Notification))]
[JsonSerializable(typeof(BatchBody))]
[JsonSerializable(typeof(BatchAnswer))]
[JsonSerializable(typeof(AnnouncementBody))]
[JsonSerializable(typeof(AnnouncementsAnswer))]
[JsonSerializable(typeof(Announced))]
[JsonSerializable(typeof(PublishResult))]
[JsonSerializable(typeof(InboxCounts))]
[JsonSerializable(typeof(SubscribersBody))]
[JsonSerializable(typeof(SubscribersAnswer))]
[JsonSerializable(typeof(TopicsAnswer))]
[JsonSerializable(typeof(TopicBody))]
[JsonSerializable(typeof(Topic))]
[JsonSerializable(typeof(Subscription))]
[JsonSerializable(typeof(TopicJob))]
[JsonSerializable(typeof(JobProgress))]
[JsonSerializable(typeof(InboxProblem))]
[JsonSerializable(typeof(ProblemId))]
internal sealed partial class InboxJson : JsonSerializerContext
{
    /// <summary>Other letters than ASCII's are sent as they are: nobody reads these bodies as HTML, and limits are in bytes.</summary>
    public static InboxJson Wire { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}

internal sealed record BatchBody(IReadOnlyList<string> Users, Notification Notification);

internal sealed record BatchAnswer(IReadOnlyList<RecipientResult> Results);

internal sealed record AnnouncementBody(Notification Notification, DateTimeOffset ExpiresAt, bool Newcomers);

internal sealed record AnnouncementsAnswer(IReadOnlyList<Announcement> Items);

internal sealed record SubscribersBody(IReadOnlyList<string> Add, IReadOnlyList<string> Remove);

internal sealed record SubscribersAnswer(IReadOnlyList<string> Users, string? Next);

internal sealed record TopicsAnswer(IReadOnlyList<string> Topics);

internal sealed record TopicBody(bool Open);

internal sealed record ProblemId(string? Id);
