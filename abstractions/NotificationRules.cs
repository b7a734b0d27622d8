using System.Buffers;
using System.Globalization;
using System.Text;

namespace OrleansInbox;

/// <summary>What a legal notification is. Lengths count characters as JSON Schema does: an emoji is one.</summary>
public static class NotificationRules
{
    /// <summary>How its reasons are named: after the header.</summary>
    public const string IdempotencyKey = "Idempotency-Key";

    public const int MaxType = 128;
    public const int MaxTypes = 100;
    public const int MaxTitle = 255;
    public const int MaxBody = 4_096;
    public const int MaxUrl = 2_048;
    public const int MaxName = 255;
    public const int MinSearch = 2;
    public const int MaxSearch = 64;
    public const int MaxActions = 3;
    public const int MaxActionId = 64;
    public const int MaxLabel = 40;
    public const int MaxDataBytes = 16 * 1_024;

    private static readonly SearchValues<char> _nameChars = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789._-");

    /// <returns>Field, named as in the request, → reasons; null when it is fine.</returns>
    public static Dictionary<string, string[]>? Check(NewNotification notification, DateTimeOffset now)
    {
        Dictionary<string, string[]>? errors = null;
        Note("type", Name(notification.Type, MaxType));
        Note("title", Visible(notification.Title, MaxTitle));
        Note("body", Text(notification.Body, 0, MaxBody));
        Note("url", Url(notification.Url));
        Note("group", Group(notification.Group));
        Note("key", CollapseKey(notification.CollapseKey));
        Note("data", DataJson.Refusal(notification.Data));
        Note(IdempotencyKey, notification.Topic is null ? Key(notification.IdempotencyKey) : null); // a topic's key is none that a publisher may have
        if (notification.Actor is { } actor)
        {
            Note("actor.id", Text(actor.Id, 0, MaxName));
            Note("actor.name", Text(actor.Name, 0, MaxName));
            Note("actor.avatarUrl", Url(actor.AvatarUrl));
        }
        if (notification.Actions is { } actions) NoteActions(actions);
        if (notification.Priority is { } priority && priority is not (Priority.Low or Priority.Normal or Priority.High)) Note("priority", "Must be low, normal or high.");
        if (notification.Fallback is { } fallback && (fallback.After < InboxLimits.ShortestFallback || fallback.After > InboxLimits.LongestFallback))
            Note("fallback.after", "Must be 60 to 2592000 seconds.");
        if (notification.DeliverAt is { } deliver && deliver > now + InboxLimits.LongestWait) Note("deliverAt", "Must lie at most a year ahead.");
        if (notification.ExpiresAt is { } expires && expires <= (notification.DeliverAt > now ? notification.DeliverAt : now))
            Note("expiresAt", notification.DeliverAt > now ? "Must lie after deliverAt." : "Must lie in the future.");
        return errors;

        void NoteActions(NotificationAction[] actions)
        {
            Note("actions", actions.Length is 0 or > MaxActions ? $"Must be 1 to {MaxActions}; leave it out for none."
                : actions.Select(action => action.Id).Distinct().Count() < actions.Length ? "Must have an id of its own for each." : null);
            for (var i = 0; i < Math.Min(actions.Length, MaxActions); i++)
            {
                Note($"actions[{i}].id", ActionId(actions[i].Id));
                Note($"actions[{i}].label", Visible(actions[i].Label, MaxLabel));
                Note($"actions[{i}].url", Url(actions[i].Url));
            }
        }

        void Note(string field, string? reason)
        {
            if (reason is not null) (errors ??= []).Add(field, [reason]);
        }
    }

    /// <summary>Whether a text may be the id of an action: 1 to 64 of <c>a-z 0-9 . _ -</c>, but not a dot or two.</summary>
    public static bool IsActionId(string? text) => ActionId(text) is null;

    /// <summary>Whether a text is a legal <see cref="NewNotification.Type"/>: 1 to 128 of <c>a-z 0-9 . _ -</c>.</summary>
    public static bool IsType(string? text) => Name(text, MaxType) is null;

    /// <summary>Why this is no <see cref="NewNotification.Group"/>; null when it is.</summary>
    public static string? Group(string? group) => Text(group, 1, MaxName);

    /// <summary>Why these are no types to choose by; null when they are.</summary>
    public static string? Types(string[] types) =>
        types.Length > MaxTypes ? $"Must name at most {MaxTypes} types."
        : types.Length == 0 || !types.All(IsType) ? "Must be types, separated by commas."
        : null;

    /// <summary>Why this is no text to search for; null when it is.</summary>
    public static string? Search(string text) =>
        Length(text) switch
        {
            < 0 => "Must be well-formed Unicode; this has half of a surrogate pair.",
            < MinSearch or > MaxSearch => $"Must have {MinSearch} to {MaxSearch} characters.",
            _ => null,
        };

    /// <summary>The reasons of a check in one line.</summary>
    public static string InOneLine(IReadOnlyDictionary<string, string[]> errors) =>
        string.Join(" ", errors.Select(error => $"{error.Key}: {string.Join(" ", error.Value)}"));

    /// <summary>Why this is no <see cref="NewNotification.CollapseKey"/>; null when it is.</summary>
    public static string? CollapseKey(string? key) => Key(key) ?? PathSegment(key);

    /// <summary>Why this is no <see cref="NewNotification.IdempotencyKey"/>; null when it is.</summary>
    public static string? CheckKey(string? key) => Key(key);

    private static string? ActionId(string? id) => Name(id, MaxActionId) ?? PathSegment(id);

    private static string? PathSegment(string? text) => text is "." or ".." ? "Must not be '.' or '..', which no URL can name." : null;

    private static string? Name(string? name, int max) =>
        string.IsNullOrEmpty(name) ? "Is required."
        : name.Length > max ? $"Must have at most {max} characters; this has {name.Length}."
        : name.AsSpan().ContainsAnyExcept(_nameChars) ? "May only have the characters a-z, 0-9, '.', '_' and '-'."
        : null;

    private static string? Text(string? text, int min, int max, bool required = false)
    {
        if (text is null) return required ? "Is required." : null;
        if (text.Length < min) return required ? "Is required and must not be empty." : "Must not be empty; leave it out instead.";
        var length = Length(text);
        return length < 0 ? "Must be well-formed Unicode; this has half of a surrogate pair."
            : length > max ? $"Must have at most {max} characters; this has {length}."
            : null;
    }

    private static string? Visible(string? text, int max) =>
        Text(text, 1, max, required: true) ?? (IsVisible(text) ? null : "Must have a character that can be seen.");

    /// <summary>Whether a character leaves ink: neither white space, nor a format character, nor one of those that Unicode draws as nothing all the same.</summary>
    private static bool IsVisible(ReadOnlySpan<char> text)
    {
        foreach (var rune in text.EnumerateRunes())
        {
            if (Rune.IsWhiteSpace(rune) || Rune.IsControl(rune) || Rune.GetUnicodeCategory(rune) == UnicodeCategory.Format) continue;
            // Default_Ignorable_Code_Point beyond the format characters (fillers, joiners, variation selectors, unassigned tags), and the empty Braille pattern.
            if (rune.Value is 0x034F or 0x115F or 0x1160 or 0x17B4 or 0x17B5 or (>= 0x180B and <= 0x180F) or 0x2065 or 0x2800 or 0x3164
                or (>= 0xFE00 and <= 0xFE0F) or 0xFFA0 or (>= 0xFFF0 and <= 0xFFF8) or (>= 0xE0000 and <= 0xE0FFF)) continue;
            return true;
        }
        return false;
    }

    private static string? Key(string? key) => Text(key, 1, MaxName) ?? (HasControl(key) ? "Must have no control characters." : null);

    /// <summary>
    /// http, https or a path, in the form that every browser reads the same: browsers drop tabs and line feeds and take a backslash for a slash,
    /// so that <c>/\host</c> would leave the site (WHATWG URL, basic parser).
    /// </summary>
    private static string? Url(string? url)
    {
        if (url is null) return null;
        if (Text(url, 1, MaxUrl) is { } reason) return reason;
        if (HasControl(url) || url.AsSpan().IndexOfAny(' ', '\\') >= 0) return "Must have no spaces, backslashes and control characters; percent-encode them.";
        if (url[0] == '/')
            return url.StartsWith("//", StringComparison.Ordinal) ? "A path must begin with one slash; two lead to another host." : null;
        var isWeb = url.StartsWith("https://", StringComparison.OrdinalIgnoreCase) || url.StartsWith("http://", StringComparison.OrdinalIgnoreCase);
        return isWeb && Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.Host.Length > 0
            ? null
            : "Must be an absolute http or https URL, or a path that begins with '/'.";
    }

    private static bool HasControl(string? text)
    {
        foreach (var c in text.AsSpan())
            if (char.IsControl(c)) return true;
        return false;
    }

    /// <summary>In code points; negative when a surrogate has no partner.</summary>
    private static int Length(ReadOnlySpan<char> text)
    {
        if (text.IndexOfAnyInRange('\uD800', '\uDFFF') < 0) return text.Length;
        var length = 0;
        for (; !text.IsEmpty; length++)
        {
            if (Rune.DecodeFromUtf16(text, out _, out var used) != OperationStatus.Done) return -1;
            text = text[used..];
        }
        return length;
    }
}
