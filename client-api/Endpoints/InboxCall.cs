using OrleansInbox.ClientApi.Access;
using OrleansInbox.ClientApi.Live;
using OrleansInbox.ClientApi.Requests;
using OrleansInbox.ClientApi.Results;

namespace OrleansInbox.ClientApi.Endpoints;

/// <summary>A request that may pass, and the inbox that it is about.</summary>
/// <param name="Http">The request.</param>
/// <param name="Path">Where the inbox lives in the API, as the caller wrote it.</param>
/// <param name="Key">The grain's key.</param>
/// <param name="Calls">How it is asked.</param>
internal readonly record struct InboxCall(HttpContext Http, string Path, string Key, InboxClient Calls)
{
    /// <summary>Asks the inbox; perhaps more than once.</summary>
    public Task<T> Ask<T, TArgument>(TArgument argument, InboxQuery<T, TArgument> ask) => Calls.Ask(Key, ask, argument);

    /// <summary>Of the notification in the path; null when that is not an id.</summary>
    public NotificationId? Id() => NotificationId.TryParse(Http.Request.RouteValues["id"] as string, out var id) ? id : null;

    /// <summary>Null unless the URL has parameters, where an endpoint knows none.</summary>
    public Problem? UnknownParameter()
    {
        if (!Http.Request.QueryString.HasValue) return null;
        var errors = new FieldErrors();
        _ = new QueryParameters(Http.Request, errors);
        return errors.IsEmpty ? null : Problem.Invalid(errors.ToDictionary());
    }
}
