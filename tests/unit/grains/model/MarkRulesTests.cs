namespace OrleansInbox.Tests.Grains.Rules;

/// <summary>Every way in which a mark can be wrong, with the words that the HTTP API answers.</summary>
public sealed class MarkRulesTests
{
    private const string OneOf = "$: Exactly one of upTo, ids, all, group and key has to be given.";

    public static TheoryData<MarkRequest, string?> Marks => new()
    {
        { new() { Action = MarkAction.Read, All = true }, null },
        { new() { Action = MarkAction.Seen, UpTo = new(1, 1) }, null },
        { new() { Action = MarkAction.Archive, Group = "g" }, null },
        { new() { Action = MarkAction.Unread, Ids = new NotificationId[MarkRequest.MaxIds] }, null },
        { new() { Action = MarkAction.Unarchive, UpTo = new(1, 1), Types = ["a", "b.c"] }, null },
        { new() { Action = MarkAction.Delete, Group = "g" }, null },
        { new() { Action = MarkAction.Read, All = true, Types = ["A"] }, "type: Must be types, separated by commas." },
        { new() { Action = MarkAction.Seen, All = true, Types = ["a"] }, "type: Is for read, unread, archive and unarchive only." },
        { new() { Action = MarkAction.Read }, OneOf },
        { new() { Action = MarkAction.Read, All = true, Ids = [] }, OneOf },
        { new() { Action = MarkAction.Unread, Group = "g" }, "group: Is for read, archive and delete only." },
        { new() { Action = MarkAction.Unread, Group = "" }, "group: Must not be empty. Is for read, archive and delete only." },
        { new() { Action = MarkAction.Read, Group = "" }, "group: Must not be empty." },
        { new() { Action = MarkAction.Seen, Group = "g" }, "group: Is for read, archive and delete only." },
        { new() { Action = MarkAction.Seen, Ids = [] }, "ids: Is not for seen, which is a cursor: give upTo or all." },
        { new() { Action = MarkAction.Read, Ids = new NotificationId[MarkRequest.MaxIds + 1] }, "ids: Must have at most 1000 ids; this has 1001." },
        { new() { Action = MarkAction.Unarchive, CollapseKey = "order:17", Undo = "A-b_9" }, null },
        { new() { Action = MarkAction.Seen, CollapseKey = "a" }, "key: Is for read, unread, archive and unarchive only." },
        { new() { Action = MarkAction.Read, CollapseKey = "" }, "key: Must not be empty; leave it out instead." },
        { new() { Action = MarkAction.Read, CollapseKey = ".." }, "key: Must not be '.' or '..', which no URL can name." },
        { new() { Action = MarkAction.Read, CollapseKey = "a", All = true }, OneOf },
        { new() { Action = MarkAction.Read, All = true, Undo = "a:b" }, "undo: Must be 1 to 32 letters, digits, '-' and '_', and is not for delete." },
        { new() { Action = MarkAction.Delete, All = true, Undo = "a" }, "undo: Must be 1 to 32 letters, digits, '-' and '_', and is not for delete." },
        { new() { Action = (MarkAction)9, All = true }, "action: Must be one of read, unread, archive, unarchive, seen and delete." },
        { new() { Action = MarkAction.Seen, Group = "g", Ids = [] }, OneOf + " group: Is for read, archive and delete only. ids: Is not for seen, which is a cursor: give upTo or all." },
    };

    [Theory]
    [MemberData(nameof(Marks), DisableDiscoveryEnumeration = true)]
    public void All_that_is_wrong_is_said_at_once(MarkRequest request, string? expected) =>
        Assert.Equal(expected, MarkRules.Check(request) is { } errors ? NotificationRules.InOneLine(errors) : null);
}
