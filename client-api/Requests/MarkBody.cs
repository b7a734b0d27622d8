namespace OrleansInbox.ClientApi.Requests;

/// <summary>The body of a mark.</summary>
internal static class MarkBody
{
    public static MarkRequest? Parse(ReadOnlySpan<byte> utf8, FieldErrors errors, MarkAction action)
    {
        var fields = new BodyFields(utf8, errors);
        NotificationId? upTo = null;
        NotificationId[]? ids = null;
        bool? all = null;
        string? group = null, type = null, key = null;
        while (fields.Next())
        {
            if (fields.Is("upTo"u8)) fields.Id(ref upTo);
            else if (fields.Is("ids"u8)) fields.Ids(ref ids);
            else if (fields.Is("all"u8)) fields.Flag(ref all);
            else if (fields.Is("group"u8)) fields.Text(ref group);
            else if (fields.Is("key"u8)) fields.Text(ref key);
            else if (fields.Is("type"u8)) fields.Text(ref type);
            else fields.Unknown();
        }
        if (!errors.IsEmpty) return null;

        var request = new MarkRequest { Action = action, UpTo = upTo, Ids = ids, All = all is not null, Group = group, CollapseKey = key, Types = type?.Split(',') };
        if (MarkRules.Check(request) is { } refused) errors.AddOther(refused);
        if (all is false) errors.Add("all", "Must be true.");
        return request;
    }
}
