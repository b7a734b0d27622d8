using OrleansInbox.ClientApi.Requests;
using OrleansInbox.ClientApi.Results;

namespace OrleansInbox.ClientApi.Endpoints;

/// <summary>What waits for its time: scheduled and snoozed notifications.</summary>
internal sealed class WaitingEndpoints(TimeProvider time)
{
    private readonly JsonBody.Parser<SnoozeBody> _snooze = (utf8, errors) => SnoozeBody.Parse(utf8, errors, time.GetUtcNow());
    private readonly JsonBody.Parser<SnoozeBody> _unsnooze = (utf8, errors) => SnoozeBody.Parse(utf8, errors, now: null);

    public static Task<IResult> Scheduled(InboxCall call) => List(call, "/scheduled", snoozed: false);

    public static Task<IResult> Snoozed(InboxCall call) => List(call, "/snoozed", snoozed: true);

    public static async Task<IResult> Cancel(InboxCall call)
    {
        if (call.UnknownParameter() is { } problem) return problem;
        if (call.Http.Request.RouteValues["scheduled"] is not string scheduled || !Waiting.IsScheduledId(scheduled)) return Problem.NotFound();
        return await call.Ask(scheduled, static (inbox, one, _) => inbox.Cancel(one)) is { } id
            ? new Problem(StatusCodes.Status409Conflict, $"It has come before, as the notification {id}.") { NotificationId = id }
            : TypedResults.NoContent();
    }

    public async Task<IResult> Snooze(InboxCall call)
    {
        if (call.UnknownParameter() is { } unknown) return unknown;
        var (snooze, problem) = await RequestBody.Read(call.Http, _snooze);
        return problem ?? (IResult)new CountsResult(await call.Ask(snooze!, static (inbox, it, deadline) => inbox.Snooze(it.Ids, it.Until, deadline)), poll: false);
    }

    public async Task<IResult> Unsnooze(InboxCall call)
    {
        if (call.UnknownParameter() is { } unknown) return unknown;
        var (snooze, problem) = await RequestBody.Read(call.Http, _unsnooze);
        return problem ?? (IResult)new CountsResult(await call.Ask(snooze!, static (inbox, it, _) => inbox.Unsnooze(it.Ids)), poll: false);
    }

    private static async Task<IResult> List(InboxCall call, string path, bool snoozed)
    {
        var errors = new FieldErrors();
        var parameters = new QueryParameters(call.Http.Request, errors, "limit", "after");
        var query = new WaitingQuery { Snoozed = snoozed, Limit = parameters.Number("limit", ListQuery.DefaultLimit, 1, ListQuery.MaxLimit), After = parameters.Text("after") };
        if (query.After is { } after && !WaitingPlace.TryParse(after, out _)) errors.Add("after", "Must be the next of the page before.");
        if (!errors.IsEmpty) return Problem.Invalid(errors.ToDictionary());
        var page = await call.Ask(query, static (inbox, asked, _) => inbox.Waiting(asked));
        return new RenderedJsonResult(page.Json) { Link = page.Next is null ? null : $"<{call.Path}{path}{QueryParameters.With(call.Http.Request, "after", page.Next)}>; rel=\"next\"" };
    }
}
