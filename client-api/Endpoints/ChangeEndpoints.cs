using OrleansInbox.ClientApi.Requests;
using OrleansInbox.ClientApi.Results;

namespace OrleansInbox.ClientApi.Endpoints;

/// <summary>Marking and deleting.</summary>
internal static class ChangeEndpoints
{
    public static Func<InboxCall, Task<IResult>> Mark(MarkAction action)
    {
        JsonBody.Parser<MarkRequest> parser = (utf8, errors) => MarkBody.Parse(utf8, errors, action);
        return async call =>
        {
            if (call.UnknownParameter() is { } unknown) return unknown;
            var (request, problem) = await RequestBody.Read(call.Http, parser);
            // A lost call is repeated, and would remove what was published after the first one.
            if (request is { Action: MarkAction.Delete, All: true } && (await call.Ask(0, static (inbox, _, _) => inbox.Counts())).Head is { } head)
                request = request with { All = false, UpTo = head };
            if (problem is not null) return problem;
            if (action != MarkAction.Delete) request = request! with { Undo = RandomId.New(bytes: 6) }; // made here, so that a call that is repeated has the same one
            var counts = request!.IsByContent
                ? await call.Scan(request, static (inbox, mark, deadline, cancelled) => inbox.Mark(mark, deadline, cancelled))
                : await call.Ask(request, static (inbox, mark, deadline) => inbox.Mark(mark, deadline));
            return new CountsResult(counts, poll: false) { Undo = request.Undo };
        };
    }

    /// <summary>Takes a mark back.</summary>
    public static async Task<IResult> Undo(InboxCall call)
    {
        if (call.UnknownParameter() is { } unknown) return unknown;
        var (token, problem) = await RequestBody.Read(call.Http, UndoBody.Parser);
        return problem ?? (IResult)new CountsResult(await call.Ask(token!, static (inbox, it, deadline) => inbox.Undo(it, deadline)), poll: false);
    }

    public static async Task<IResult> Patch(InboxCall call)
    {
        if (call.UnknownParameter() is { } unknown) return unknown;
        if (call.Id() is not { } id) return Problem.NotFound();
        var (patch, problem) = await RequestBody.Read(call.Http, PatchBody.Parser);
        if (problem is not null) return problem;
        var item = await call.Ask((Id: id, patch!.Read, patch.Archived), static (inbox, to, deadline) => inbox.Patch(to.Id, to.Read, to.Archived, deadline));
        return item.Json is { } json ? new RenderedJsonResult(json) : Problem.NotFound();
    }

    /// <summary>Chooses an action.</summary>
    public static async Task<IResult> Act(InboxCall call)
    {
        if (call.UnknownParameter() is { } unknown) return unknown;
        if (call.Id() is not { } id || call.Http.Request.RouteValues["action"] is not string action || !NotificationRules.IsActionId(action)) return Problem.NotFound();
        var item = await call.Ask((Id: id, Action: action), static (inbox, to, deadline) => inbox.Act(to.Id, to.Action, deadline));
        return item.Json is { } json ? new RenderedJsonResult(json) : Problem.NotFound();
    }

    public static async Task<IResult> Delete(InboxCall call)
    {
        if (call.UnknownParameter() is { } problem) return problem;
        if (call.Id() is not { } id) return Problem.NotFound();
        await call.Ask(id, static async (inbox, one, _) =>
        {
            await inbox.Delete(one);
            return true;
        });
        return TypedResults.NoContent();
    }

    /// <summary>Removes what has the collapse key.</summary>
    public static async Task<IResult> Retract(InboxCall call)
    {
        if (call.UnknownParameter() is { } problem) return problem;
        if (call.CollapseKey() is not { } key) return Problem.Invalid("key", $"Must be 1 to {NotificationRules.MaxName} characters, percent-encoded, without control characters, and not '.' or '..'.");
        await call.Ask(key, static async (inbox, one, _) =>
        {
            await inbox.Retract(one);
            return true;
        });
        return TypedResults.NoContent();
    }

    /// <summary>Erases the whole inbox; its ids and versions go on.</summary>
    public static async Task<IResult> Erase(InboxCall call)
    {
        if (call.UnknownParameter() is { } problem) return problem;
        // Never repeated: a second call would also erase what was published after the first.
        await call.Client.Once(call.Key, static (inbox, deadline) => inbox.Erase(deadline));
        return TypedResults.NoContent();
    }

    /// <summary>Forgets a person: nothing stays but a tombstone that names nobody.</summary>
    public static async Task<IResult> Forget(InboxCall call)
    {
        if (call.UnknownParameter() is { } problem) return problem;
        await call.Client.Once(call.Key, static (inbox, deadline) => inbox.Forget(deadline)); // never repeated, as an erase
        return TypedResults.NoContent();
    }
}
