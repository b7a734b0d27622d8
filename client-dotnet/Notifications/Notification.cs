using System.Text.Json.Serialization;

namespace OrleansInbox.Client;

/// <summary>What is published. The server says what is legal, and names all fields that are wrong at once: <see cref="InvalidRequestException"/>.</summary>
public sealed record Notification
{
    /// <summary>What kind it is: 1 to 128 of <c>a-z 0-9 . _ -</c>, as in <c>comment.created</c>.</summary>
    public required string Type { get; init; }

    /// <summary>1 to 255 characters.</summary>
    public required string Title { get; init; }

    /// <summary>At most 4,096 characters.</summary>
    public string? Body { get; init; }

    /// <summary>Where it leads: http, https or a path.</summary>
    public string? Url { get; init; }

    /// <summary>Who did it.</summary>
    public Actor? Actor { get; init; }

    /// <summary>What it belongs to, as in <c>post:7</c>; users mark by group.</summary>
    public string? Group { get; init; }

    /// <summary>What it is about, as in <c>order:17</c>: an inbox holds at most one notification of a key, the newest.</summary>
    public string? Key { get; init; }

    /// <summary>1 to 3 that the user may choose from; null for none.</summary>
    public IReadOnlyList<NotificationAction>? Actions { get; init; }

    /// <summary>The application's own: any JSON of at most 16 KiB.</summary>
    public NotificationData? Data { get; init; }

    /// <summary>Null: normal.</summary>
    public Priority? Priority { get; init; }

    /// <summary>From then on it is gone, as if deleted.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>When it comes, at most a year ahead; null or past: now.</summary>
    public DateTimeOffset? DeliverAt { get; init; }

    /// <summary>Whom to tell when the user does not look; null: nobody.</summary>
    public Fallback? Fallback { get; init; }

    /// <summary>The server's webhooks are told when it is read.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Receipt { get; init; }

    /// <summary>It comes, and with a sound, whatever the user's preferences say.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Mandatory { get; init; }
}
