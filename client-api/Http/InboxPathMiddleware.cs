using OrleansInbox.ClientApi.Requests;

namespace OrleansInbox.ClientApi.Http;

/// <summary>Takes the user out of the path before routing sees it, and keeps it with the request as <see cref="InboxPath"/>.</summary>
internal sealed class InboxPathMiddleware(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext http)
    {
        if (InboxPath.TryTake(http, out var path)) http.Features.Set(path);
        return next(http);
    }
}
