using System.Globalization;

namespace OrleansInbox;

/// <summary>What a publisher says beside the notification, and nobody is shown.</summary>
/// <param name="IsMandatory"><see cref="NewNotification.Mandatory"/></param>
/// <param name="Receipt"><see cref="NewNotification.Receipt"/></param>
/// <param name="Fallback"><see cref="NewNotification.Fallback"/></param>
public sealed record PublishOptions(bool IsMandatory, bool Receipt, Fallback? Fallback)
{
    private const string _mandatory = "mandatory", _receipt = "receipt", _seen = "seen:", _read = "read:", _topic = "topic:";

    /// <summary><see cref="NewNotification.Topic"/></summary>
    public string? Topic { get; init; }

    /// <summary>Of most.</summary>
    public static readonly PublishOptions None = new(false, false, null);

    public static PublishOptions Of(NewNotification notification) =>
        notification is { Mandatory: false, Receipt: false, Fallback: null, Topic: null } ? None : new(notification.Mandatory, notification.Receipt, notification.Fallback) { Topic = notification.Topic };

    public static PublishOptions Parse(string text)
    {
        if (text.Length == 0) return None;
        var words = text.Split(',');
        return new(words.Contains(_mandatory), words.Contains(_receipt), words.Select(ParseFallback).FirstOrDefault(fallback => fallback is not null))
        {
            Topic = words.FirstOrDefault(word => word.StartsWith(_topic, StringComparison.Ordinal))?[_topic.Length..],
        };
    }

    /// <summary>Words, separated by commas.</summary>
    public override string ToString() => string.Join(',', ((string?[])
    [
        IsMandatory ? _mandatory : null,
        Receipt ? _receipt : null,
        Fallback is { } fallback ? string.Create(CultureInfo.InvariantCulture, $"{(fallback.UnlessRead ? _read : _seen)}{(long)fallback.After.TotalSeconds}") : null,
        Topic is null ? null : _topic + Topic,
    ]).Where(word => word is not null));

    private static Fallback? ParseFallback(string word) =>
        word.StartsWith(_seen, StringComparison.Ordinal) || word.StartsWith(_read, StringComparison.Ordinal)
            ? new() { After = TimeSpan.FromSeconds(long.Parse(word.AsSpan(_seen.Length), CultureInfo.InvariantCulture)), UnlessRead = word.StartsWith(_read, StringComparison.Ordinal) }
            : null;
}
