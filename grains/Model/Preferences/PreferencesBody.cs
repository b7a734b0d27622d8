namespace OrleansInbox;

/// <summary>Preferences as JSON: the body of a request, and what is stored. What is absent is empty.</summary>
public static class PreferencesBody
{
    /// <summary>Types, groups, topics and what is off in channels, together.</summary>
    public const int MaxRules = 500;

    /// <summary>They are written with the marks, so that they have to stay small.</summary>
    public const int MaxBytes = 16 * 1024;

    public static Preferences Parse(ReadOnlySpan<byte> utf8, FieldErrors errors)
    {
        var fields = new BodyFields(utf8, errors);
        (string[]? types, string[]? groups, string[]? topics) = (null, null, null);
        QuietHours? quiet = null;
        List<(string, IReadOnlyList<string>)>? channels = null;
        var muted = false;
        while (fields.Next())
        {
            if (fields.Is("mute"u8)) Mute(ref fields, ref muted, ref types, ref groups, ref topics);
            else if (fields.Is("quiet"u8)) Quiet(ref fields, errors, ref quiet);
            else if (fields.Is("channels"u8)) Channels(ref fields, errors, ref channels);
            else fields.Unknown();
        }
        Check(errors, "mute.types", types, Pattern);
        Check(errors, "mute.groups", groups, NotificationRules.Group);
        Check(errors, "mute.topics", topics, NotificationRules.Group);
        var preferences = new Preferences { MutedTypes = types ?? [], MutedGroups = groups ?? [], MutedTopics = topics ?? [], Quiet = quiet, Channels = channels ?? [] };
        var rules = preferences.MutedTypes.Count + preferences.MutedGroups.Count + preferences.MutedTopics.Count + preferences.Channels.Sum(channel => channel.Off.Count);
        if (rules > MaxRules) errors.Add(FieldErrors.Whole, $"Must have at most {MaxRules} rules; this has {rules}.");
        else if (errors.IsEmpty && preferences.ToJson().Length > MaxBytes) errors.Add(FieldErrors.Whole, $"Must have at most {MaxBytes / 1024} KiB.");
        return preferences;
    }

    private static void Mute(ref BodyFields fields, ref bool muted, ref string[]? types, ref string[]? groups, ref string[]? topics)
    {
        if (!fields.BeginsObject(again: muted)) return;
        muted = true;
        var inner = fields.Enter("mute.");
        while (inner.Next())
        {
            if (inner.Is("types"u8)) inner.Texts(ref types);
            else if (inner.Is("groups"u8)) inner.Texts(ref groups);
            else if (inner.Is("topics"u8)) inner.Texts(ref topics);
            else inner.Unknown();
        }
        fields.Leave(inner);
    }

    private static void Quiet(ref BodyFields fields, FieldErrors errors, ref QuietHours? quiet)
    {
        if (!fields.BeginsObject(again: quiet is not null)) return;
        var inner = fields.Enter("quiet.");
        string? from = null, to = null, zone = null;
        while (inner.Next())
        {
            if (inner.Is("from"u8)) inner.Text(ref from);
            else if (inner.Is("to"u8)) inner.Text(ref to);
            else if (inner.Is("zone"u8)) inner.Text(ref zone);
            else inner.Unknown();
        }
        fields.Leave(inner);
        if (!QuietHours.TryParse(from ?? "", out var begin)) errors.Add("quiet.from", "Must be a time of day like 22:00.");
        if (!QuietHours.TryParse(to ?? "", out var end)) errors.Add("quiet.to", "Must be a time of day like 07:00.");
        else if (from == to) errors.Add("quiet.to", "Must be another time than from.");
        if (!QuietHours.IsZone(zone ?? "")) errors.Add("quiet.zone", "Must be a time zone of the IANA database, like Europe/Berlin.");
        quiet = new(begin, end, zone ?? "");
    }

    private static void Channels(ref BodyFields fields, FieldErrors errors, ref List<(string, IReadOnlyList<string>)>? channels)
    {
        if (!fields.BeginsObject(again: channels is not null)) return;
        channels = [];
        var inner = fields.Enter("channels.");
        while (inner.Next())
        {
            var name = inner.NameText();
            if (!NotificationRules.IsActionId(name)) errors.Add("channels", "Names have 1 to 64 of the characters a-z, 0-9, '.', '_' and '-'.");
            if (!inner.BeginsObject(again: channels.Exists(channel => channel.Item1 == name))) continue;
            var one = inner.Enter($"{name}.");
            string[]? off = null;
            while (one.Next())
            {
                if (one.Is("off"u8)) one.Texts(ref off);
                else one.Unknown();
            }
            inner.Leave(one);
            Check(errors, $"channels.{name}.off", off, Pattern);
            channels.Add((name, off ?? []));
        }
        fields.Leave(inner);
    }

    private static void Check(FieldErrors errors, string field, string[]? texts, Func<string, string?> rule)
    {
        foreach (var text in texts ?? [])
        {
            if (rule(text) is not { } reason) continue;
            errors.Add(field, reason);
            return; // one of them says enough
        }
    }

    /// <summary>A type, or the beginning of one and <c>*</c>.</summary>
    private static string? Pattern(string text) =>
        text == "*" || NotificationRules.IsType(text.EndsWith('*') ? text[..^1] : text) ? null : "Must be types, or beginnings of types that end with '*', like comment.*.";
}
