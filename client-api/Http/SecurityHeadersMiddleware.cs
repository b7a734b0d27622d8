using OrleansInbox.ClientApi.Requests;

namespace OrleansInbox.ClientApi.Http;

/// <summary>
/// What a browser may do with anything that is not an inbox of the API: run our own scripts, and be framed by nobody. Set when the answer starts, because an
/// answer that is replaced by a problem loses the headers that it had; an answer with a policy of its own keeps it.
/// </summary>
internal sealed class SecurityHeadersMiddleware(RequestDelegate next)
{
    private const string Policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' https: data:; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

    public Task InvokeAsync(HttpContext http)
    {
        if (http.Features.Get<InboxPath>() is null) http.Response.OnStarting(static response => Set(((HttpResponse)response).Headers), http.Response);
        return next(http);
    }

    private static Task Set(IHeaderDictionary headers)
    {
        if (headers.ContentSecurityPolicy.Count == 0) headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "no-referrer";
        return Task.CompletedTask;
    }
}
