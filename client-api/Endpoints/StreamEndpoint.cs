using OrleansInbox.ClientApi.Live;
using OrleansInbox.ClientApi.Requests;
using OrleansInbox.ClientApi.Results;

namespace OrleansInbox.ClientApi.Endpoints;

/// <summary>Live events.</summary>
internal sealed class StreamEndpoint(LiveInboxes live)
{
    private const string Header = "Last-Event-ID";
    private const string Parameter = "lastEventId";

    public Task<IResult> Stream(InboxCall call)
    {
        var request = call.Http.Request;
        var errors = new FieldErrors();
        var last = new QueryParameters(request, errors, Parameter).Id(Parameter);
        // An EventSource that reconnects sends the header, which is newer than the parameter in the URL that it was opened with.
        if (request.Headers[Header].ToString() is { Length: > 0 } text)
        {
            if (NotificationId.TryParse(text, out var id)) last = id;
            else errors.Add(Header, "Is not a notification's id.");
        }
        return Task.FromResult<IResult>(errors.IsEmpty ? new Streaming(live, call, last) : Problem.Invalid(errors.ToDictionary()));
    }

    private sealed class Streaming(LiveInboxes live, InboxCall call, NotificationId? last) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext) => HttpMethods.IsHead(httpContext.Request.Method) ? Headers(httpContext.Response) : live.Stream(httpContext, call.Key, last, call.Until);

        private static Task Headers(HttpResponse response)
        {
            LiveConnection.SetHeaders(response);
            return Task.CompletedTask;
        }
    }
}
