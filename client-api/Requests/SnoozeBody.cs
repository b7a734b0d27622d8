namespace OrleansInbox.ClientApi.Requests;

/// <summary>The body of a snooze, and of its end.</summary>
internal sealed record SnoozeBody(NotificationId[] Ids, DateTimeOffset Until)
{
    private const int _maxIds = 100;

    /// <param name="utf8">JSON.</param>
    /// <param name="errors">Takes what is wrong.</param>
    /// <param name="now">Null: without <c>until</c>.</param>
    public static SnoozeBody? Parse(ReadOnlySpan<byte> utf8, FieldErrors errors, DateTimeOffset? now)
    {
        var fields = new BodyFields(utf8, errors);
        NotificationId[]? ids = null;
        DateTimeOffset? until = null;
        while (fields.Next())
        {
            if (fields.Is("ids"u8)) fields.Ids(ref ids);
            else if (now is not null && fields.Is("until"u8)) fields.Time(ref until);
            else fields.Unknown();
        }
        if (!errors.IsEmpty) return null;
        if (ids is not { Length: > 0 and <= _maxIds }) errors.Add("ids", $"Must be 1 to {_maxIds} ids.");
        if (now is { } here && (until is not { } at || at < here + InboxLimits.ShortestSnooze || at > here + InboxLimits.LongestWait)) errors.Add("until", "Must be a time from a minute to a year ahead.");
        return new(ids ?? [], until ?? default);
    }
}
