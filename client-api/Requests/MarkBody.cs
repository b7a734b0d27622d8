namespace OrleansInbox.ClientApi.Requests;

/// <summary>The body of a mark: exactly one of <c>upTo</c>, <c>ids</c>, <c>all</c> and, for read and archive, <c>group</c>.</summary>
internal static class MarkBody
{
    private const string OneOf = "Exactly one of upTo, ids, all and group has to be given.";

    public static MarkRequest? Parse(ReadOnlySpan<byte> utf8, FieldErrors errors, MarkAction action)
    {
        var fields = new BodyFields(utf8, errors);
        NotificationId? upTo = null;
        NotificationId[]? ids = null;
        bool? all = null;
        string? group = null;
        while (fields.Next())
        {
            if (fields.Is("upTo"u8)) fields.Id(ref upTo);
            else if (fields.Is("ids"u8)) fields.Ids(ref ids, MarkRequest.MaxIds);
            else if (fields.Is("all"u8)) fields.Flag(ref all);
            else if (fields.Is("group"u8)) fields.Text(ref group);
            else fields.Unknown();
        }
        if (!errors.IsEmpty) return null;

        var given = (upTo is null ? 0 : 1) + (ids is null ? 0 : 1) + (all is null ? 0 : 1) + (group is null ? 0 : 1);
        if (given != 1) errors.Add("$", OneOf);
        if (all is false) errors.Add("all", "Must be true.");
        if (group is "") errors.Add("group", "Must not be empty.");
        if (group is not null && action is not (MarkAction.Read or MarkAction.Archive)) errors.Add("group", "Is for read and archive only.");
        if (ids is not null && action is MarkAction.Seen) errors.Add("ids", "Is not for seen, which is a cursor: give upTo or all.");
        return new() { Action = action, UpTo = upTo, Ids = ids, All = all ?? false, Group = group };
    }
}
