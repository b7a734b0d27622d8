using OrleansInbox.ClientApi.Live;
using OrleansInbox.ClientApi.Requests;
using OrleansInbox.ClientApi.Results;

namespace OrleansInbox.ClientApi.Endpoints;

/// <summary>Reading; it changes no mark.</summary>
internal sealed class PageEndpoints(LiveInboxes live, TimeProvider time)
{
    public async Task<IResult> List(InboxCall call)
    {
        var errors = new FieldErrors();
        var parameters = ListParameters.Read(call.Http.Request, errors);
        if (!errors.IsEmpty) return Problem.Invalid(errors.ToDictionary());
        var page = parameters.Wait == TimeSpan.Zero ? await Page(call, parameters.Query) : await Poll(call, parameters);
        return new RenderedJsonResult(page.Json) { Link = Link(call, parameters.Query, page) };
    }

    public static async Task<IResult> One(InboxCall call)
    {
        if (call.UnknownParameter() is { } problem) return problem;
        if (call.Id() is not { } id) return Problem.NotFound();
        var item = await call.Ask(id, static (inbox, one, _) => inbox.Get(one));
        return item.Json is { } json ? new RenderedJsonResult(json) : Problem.NotFound();
    }

    public static async Task<IResult> Counts(InboxCall call)
    {
        if (!call.Http.Request.QueryString.HasValue) return new CountsResult(await Now(call), poll: true);
        var errors = new FieldErrors();
        var types = new QueryParameters(call.Http.Request, errors, "type").Types();
        if (!errors.IsEmpty) return Problem.Invalid(errors.ToDictionary());
        return new CountsResult(types is null ? await Now(call) : await call.Scan(types, static (inbox, these, _, cancelled) => inbox.CountsOf(these, cancelled)), poll: true) { Types = types };
    }

    private static Task<InboxCounts> Now(InboxCall call) => call.Ask(0, static (inbox, _, _) => inbox.Counts());

    private static Task<InboxPage> Page(InboxCall call, ListQuery query) => query.IsByContent
        ? call.Scan(query, static (inbox, asked, _, cancelled) => inbox.List(asked, cancelled))
        : call.Ask(query, static (inbox, asked, _) => inbox.List(asked));

    /// <summary>Waits until the page has an item. A newer notification need not match the query, so each further wait is for one above the head that was seen.</summary>
    private async Task<InboxPage> Poll(InboxCall call, ListParameters parameters)
    {
        var began = time.GetTimestamp();
        while (true)
        {
            var seen = (await Now(call)).Head ?? default; // before the page: what arrives between the two ends the wait
            var page = await Page(call, parameters.Query);
            var left = parameters.Wait - time.GetElapsedTime(began);
            if (page.Items > 0 || left <= TimeSpan.Zero) return page;
            var after = parameters.Query.After is { } asked && asked > seen ? asked : seen;
            if (!await live.WaitForNewer(call.Key, after, left, call.Until, call.Http.RequestAborted)) return page;
        }
    }

    private static string? Link(InboxCall call, ListQuery query, InboxPage page) => page.Next is not { } next ? null
        : $"<{call.Path}/notifications{QueryParameters.With(call.Http.Request, query.After is null ? "before" : "after", next.ToString())}>; rel=\"next\"";
}
