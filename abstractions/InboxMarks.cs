namespace OrleansInbox;

/// <summary>
/// What is stored beside the log: what the user did to an inbox. Strings and numbers only, so that every serializer of grain state writes the same;
/// unknown fields are left alone by all of them. <c>InboxState</c> says what it means.
/// </summary>
[GenerateSerializer, Alias("inbox-marks")]
public sealed class InboxMarks
{
    /// <summary>The epoch that the seqs belong to; 0 when there are none: before the first mark, and after an erase until the next one.</summary>
    [Id(0)] public long Epoch { get; set; }

    /// <summary>Grows by exactly 1 with every change of the marks, and by more with an erase.</summary>
    [Id(1)] public long Version { get; set; }

    /// <summary>Ranges of seq (<c>1-40,43</c>) that count as read; the deleted ones among them.</summary>
    [Id(2)] public string Read { get; set; } = "";

    /// <summary>Likewise, archived or deleted.</summary>
    [Id(3)] public string Archived { get; set; } = "";
    [Id(4)] public string Deleted { get; set; } = "";

    /// <summary>The seen cursor.</summary>
    [Id(5)] public long Seen { get; set; }

    /// <summary>
    /// The retention floor when this was written. Marks below it are gone, so an entry that the log has not trimmed yet must not come back
    /// (deleted ones would be there again).
    /// </summary>
    [Id(6)] public long Floor { get; set; }

    /// <summary>What the newest marks changed, so that they can be taken back.</summary>
    [Id(7)] public string Undo { get; set; } = "";

    /// <summary>What was chosen of actions, of what is kept (<c>41:approve:1767225600000;…</c>).</summary>
    [Id(8)] public string Acted { get; set; } = "";

    /// <summary>How often they were saved, a space, and the preferences as JSON; empty when they never were.</summary>
    [Id(9)] public string Preferences { get; set; } = "";
}
