namespace OrleansInbox.ClientApi.Requests;

/// <summary>The query parameters of a list.</summary>
/// <param name="Query">What the grain is asked.</param>
/// <param name="Wait">How long to wait for something newer while the page is empty.</param>
internal sealed record ListParameters(ListQuery Query, TimeSpan Wait)
{
    private const int MaxWaitSeconds = 60;
    private static readonly ListParameters _first = new(ListQuery.First, TimeSpan.Zero);

    public static ListParameters Read(HttpRequest request, FieldErrors errors)
    {
        if (!request.QueryString.HasValue) return _first;
        var parameters = new QueryParameters(request, errors, "limit", "before", "after", "status", "type", "group", "q", "wait");
        var query = new ListQuery
        {
            Limit = parameters.Number("limit", ListQuery.DefaultLimit, 1, ListQuery.MaxLimit),
            Before = parameters.Id("before"),
            After = parameters.Id("after"),
            Status = Status(parameters.Text("status"), errors),
            Types = parameters.Types(),
            Group = parameters.Text("group"),
            Search = parameters.Text("q"),
        };
        var wait = parameters.Number("wait", 0, 0, MaxWaitSeconds);
        if (query is { Before: not null, After: not null }) errors.Add("after", "Cannot be combined with before.");
        if (wait > 0 && parameters.Text("after") is null) errors.Add("wait", "Needs after.");
        if (query.Group is "") errors.Add("group", "Must not be empty.");
        if (query.Search is { } text && NotificationRules.Search(text) is { } illegal) errors.Add("q", illegal);
        return new(query, TimeSpan.FromSeconds(wait));
    }

    private static StatusFilter Status(string? text, FieldErrors errors)
    {
        switch (text)
        {
            case null or "inbox": return StatusFilter.Inbox;
            case "unread": return StatusFilter.Unread;
            case "read": return StatusFilter.Read;
            case "archived": return StatusFilter.Archived;
            case "all": return StatusFilter.All;
        }
        errors.Add("status", "Must be one of inbox, unread, read, archived, all.");
        return StatusFilter.Inbox;
    }
}
