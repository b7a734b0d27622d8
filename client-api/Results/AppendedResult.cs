using System.Text.Unicode;
using OrleansInbox.ClientApi.Endpoints;

namespace OrleansInbox.ClientApi.Results;

/// <summary>The answer to a publish: <c>{"id":"…","createdAt":"…"}</c>, <c>{"scheduled":"…"}</c> or <c>{"muted":"…"}</c>, formatted straight into the bytes of the answer: it is the hot path.</summary>
internal sealed class AppendedResult(InboxCall call, Appended appended) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.ContentType = RenderedJsonResult.ContentType;
        if (appended.Replayed) response.Headers["Idempotent-Replayed"] = "true";
        var body = new byte[128];
        int length;
        if (appended.Scheduled is not null)
        {
            response.StatusCode = StatusCodes.Status202Accepted;
            Utf8.TryWrite(body, $"{{\"scheduled\":\"{appended.Scheduled}\"}}", out length);
            return Write(response, body, length);
        }
        if (appended.Muted is not null)
        {
            Utf8.TryWrite(body, $"{{\"muted\":\"{appended.Muted}\"}}", out length);
            return Write(response, body, length);
        }
        response.StatusCode = appended.Replayed ? StatusCodes.Status200OK : StatusCodes.Status201Created;
        response.Headers.Location = $"{call.Path}/notifications/{appended.Id}";
        Utf8.TryWrite(body, $"{{\"id\":\"{appended.Id}\",\"createdAt\":\"{appended.CreatedAt.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss.fff'Z'}\"}}", out length);
        return Write(response, body, length);
    }

    private static Task Write(HttpResponse response, byte[] body, int length)
    {
        response.ContentLength = length;
        return response.Body.WriteAsync(body, 0, length);
    }
}
