using System.Globalization;
using System.Text.Json;

namespace OrleansInbox.Samples.GithubDemo;

/// <summary>What a webhook delivery becomes: one notification for each person whom it concerns. Pure.</summary>
public static class WebhookNotifications
{
    private const int MaxTitle = 200;
    private const int MaxBody = 600;
    private const int MaxGroup = 128;
    private const int MaxUrl = 2048;

    public static IReadOnlyList<Publication> From(WebhookDelivery delivery)
    {
        var people = WebhookPeople.Of(delivery);
        if (people.Count == 0)
            return [];
        JsonElement? payload = delivery.Payload;
        var action = payload.Text("action");
        var repository = payload.Object("repository").Text("full_name");
        var subjects = WebhookPeople.Subjects.Select(name => payload.Object(name)).Where(subject => subject is not null).ToList();
        var notification = new Notification(
            TypeOf(delivery.Event, action),
            Cut(WebhookSentence.Of(delivery), MaxTitle),
            subjects.Select(subject => subject.Text("body")).FirstOrDefault(body => !string.IsNullOrWhiteSpace(body)) is { } body ? Cut(body.Trim(), MaxBody) : null,
            subjects.Append(payload.Object("repository")).Select(subject => subject.Text("html_url")).FirstOrDefault(IsLink),
            ActorOf(payload.Object("sender")),
            GroupOf(payload, repository),
            action is "review_requested" or "assigned" ? "high" : "normal",
            new(delivery.Event, action, repository));
        return [.. people.Select(person => new Publication(person, $"github:{delivery.Key}:{person}", notification))];
    }

    /// <summary><c>issues.opened</c>; whatever a type may not hold becomes a dash.</summary>
    private static string TypeOf(string name, string? action)
    {
        var type = (action is { Length: > 0 } ? $"{name}.{action}" : name).ToLowerInvariant();
        return Cut(string.Concat(type.Select(letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter is '.' or '_' or '-' ? letter : '-')), 128, "");
    }

    private static Actor? ActorOf(JsonElement? sender) =>
        sender.Text("login") is { Length: > 0 } login
            ? new(Cut(login, 128, ""), Cut(login, 128), sender.Text("avatar_url") is { } avatar && IsLink(avatar) ? avatar : null) : null;

    /// <summary>What belongs together: one issue, one pull request, one discussion; else the repository.</summary>
    private static string? GroupOf(JsonElement? payload, string? repository)
    {
        foreach (var (name, word) in new[] { ("pull_request", "pull"), ("issue", "issue"), ("discussion", "discussion") })
            if (payload.Object(name).Number("number") is { } number)
                return Cut(string.Create(CultureInfo.InvariantCulture, $"{word}:{repository}#{number}"), MaxGroup, "");
        return repository is { Length: > 0 } ? Cut($"repository:{repository}", MaxGroup, "") : null;
    }

    private static bool IsLink(string? text) =>
        text is { Length: <= MaxUrl } && Uri.TryCreate(text, UriKind.Absolute, out var url) && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps);

    /// <summary>Never through the middle of an emoji.</summary>
    private static string Cut(string text, int max, string mark = "…")
    {
        if (text.Length <= max)
            return text;
        var end = max - mark.Length;
        return string.Concat(text.AsSpan(0, char.IsHighSurrogate(text[end - 1]) ? end - 1 : end), mark);
    }
}
