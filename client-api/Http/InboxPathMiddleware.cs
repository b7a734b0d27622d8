using Microsoft.AspNetCore.Http.Features;
using OrleansInbox.ClientApi.Requests;
using OrleansInbox.ClientApi.Results;

namespace OrleansInbox.ClientApi.Http;

/// <summary>Takes the user out of the path before routing sees it, and keeps it with the request as <see cref="InboxPath"/>, or <see cref="TopicPath"/>. A target with a fragment is refused.</summary>
internal sealed class InboxPathMiddleware(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext http)
    {
        // RFC 9112 §3.2: no form of a target has a fragment. The server would leave it in the path, or drop it, depending on the form.
        if (http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget.Contains('#', StringComparison.Ordinal))
            return new Problem(StatusCodes.Status400BadRequest, "The URL has a '#', which has to be sent as %23.").ExecuteAsync(http);
        if (InboxPath.TryTake(http, out var path)) http.Features.Set(path);
        else if (TopicPath.TryTake(http, out var inTopic)) http.Features.Set(inTopic);
        return next(http);
    }
}
