using OrleansInbox.ClientApi.Problems;

namespace OrleansInbox.ClientApi.Inbox;

/// <summary>Reading, which marks nothing.</summary>
internal static class PageEndpoints
{
    public static async Task<IResult> List(InboxCall call)
    {
        var errors = new FieldErrors();
        var parameters = ListParameters.Read(call.Http.Request, errors);
        if (!errors.IsEmpty) return Problem.Invalid(errors.ToDictionary());
        var page = await call.Grain.List(parameters.Query).InTime();
        return new JsonAnswer(page.Json) { Link = Link(call, parameters.Query, page) };
    }

    public static async Task<IResult> One(InboxCall call)
    {
        if (call.UnknownParameter() is { } problem) return problem;
        if (call.Id() is not { } id) return Problem.NotFound();
        var item = await call.Grain.Get(id).InTime();
        return item.Json is { } json ? new JsonAnswer(json) : Problem.NotFound();
    }

    public static async Task<IResult> Counts(InboxCall call) =>
        call.UnknownParameter() ?? (IResult)new CountsAnswer(await call.Grain.Counts().InTime(), poll: true);

    private static string? Link(InboxCall call, ListQuery query, InboxPage page) => page.Next is not { } next ? null
        : $"<{call.Path}/notifications{QueryParameters.With(call.Http.Request, query.After is null ? "before" : "after", next.ToString())}>; rel=\"next\"";
}
