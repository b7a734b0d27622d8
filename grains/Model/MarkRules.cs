namespace OrleansInbox;

/// <summary>What a legal mark is, for the HTTP API and for whoever calls the grain.</summary>
public static class MarkRules
{
    /// <returns>Field, named as in the request (<c>$</c>: the request itself), → reasons; null when it is legal.</returns>
    public static Dictionary<string, string[]>? Check(MarkRequest request)
    {
        Dictionary<string, string[]>? errors = null;
        var given = (request.UpTo is null ? 0 : 1) + (request.Ids is null ? 0 : 1) + (request.All ? 1 : 0) + (request.Group is null ? 0 : 1) + (request.CollapseKey is null ? 0 : 1);
        if (given != 1) Note("$", "Exactly one of upTo, ids, all, group and key has to be given.");
        if (!Enum.IsDefined(request.Action)) Note("action", "Must be one of read, unread, archive, unarchive, seen and delete.");
        if (request.Group is "") Note("group", "Must not be empty.");
        if (request.Group is not null && request.Action is not (MarkAction.Read or MarkAction.Archive or MarkAction.Delete)) Note("group", "Is for read, archive and delete only.");
        if (request.CollapseKey is { } key && NotificationRules.CollapseKey(key) is { } noKey) Note("key", noKey);
        if (request.CollapseKey is not null && request.Action is (MarkAction.Seen or MarkAction.Delete)) Note("key", "Is for read, unread, archive and unarchive only.");
        if (TooManyIds(request.Ids?.Length ?? 0) is { } tooMany) Note("ids", tooMany);
        if (request.Ids is not null && request.Action == MarkAction.Seen) Note("ids", "Is not for seen, which is a cursor: give upTo or all.");
        if (request.Undo is { } undo && (request.Action == MarkAction.Delete || !UndoHistory.IsToken(undo))) Note("undo", "Must be 1 to 32 letters, digits, '-' and '_', and is not for delete.");
        if (request.Types is { } types)
        {
            if (request.Action is MarkAction.Seen or MarkAction.Delete) Note("type", "Is for read, unread, archive and unarchive only.");
            if (request.UpTo is null && !request.All) Note("type", "Is for upTo and all only.");
            if (NotificationRules.Types(types) is { } illegal) Note("type", illegal);
        }
        return errors;

        void Note(string field, string reason)
        {
            errors ??= [];
            errors[field] = errors.TryGetValue(field, out var reasons) ? [.. reasons, reason] : [reason];
        }
    }

    /// <returns>Null when they are not too many.</returns>
    public static string? TooManyIds(int count) => count > MarkRequest.MaxIds ? $"Must have at most {MarkRequest.MaxIds} ids; this has {count}." : null;
}
