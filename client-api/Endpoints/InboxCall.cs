using OrleansInbox.ClientApi.Requests;
using OrleansInbox.ClientApi.Results;

namespace OrleansInbox.ClientApi.Endpoints;

/// <summary>An authorized request, and the inbox that it is about.</summary>
/// <param name="Http">The request.</param>
/// <param name="Path">The URL path of the inbox, as the caller wrote it.</param>
/// <param name="Key">The grain's key.</param>
/// <param name="Client">Calls the grain.</param>
/// <param name="Until">When the caller's token is refused from; null: never.</param>
internal readonly record struct InboxCall(HttpContext Http, string Path, string Key, InboxClient Client, DateTimeOffset? Until)
{
    /// <summary>Calls the grain, more than once when a call is lost: the call has to be idempotent.</summary>
    public Task<T> Ask<T, TArgument>(TArgument argument, GrainQuery<IInboxGrain, T, TArgument> ask) => Client.Ask(Key, ask, argument);

    /// <summary>Likewise, for what has to look into the notifications: it ends when the client leaves.</summary>
    public Task<T> Scan<T, TArgument>(TArgument argument, InboxScan<T, TArgument> scan) => Client.Scan(Key, scan, argument, Http.RequestAborted);

    /// <summary>The id in the path; null when it is not one.</summary>
    public NotificationId? Id() => NotificationId.TryParse(Http.Request.RouteValues["id"] as string, out var id) ? id : null;

    /// <summary>The collapse key in the path; null when it is not one.</summary>
    public string? CollapseKey() => Http.Features.Get<InboxPath>()!.Key;

    /// <summary>For an endpoint without query parameters: the problem when the URL has any.</summary>
    public Problem? UnknownParameter() => QueryParameters.Unknown(Http.Request);
}
