namespace OrleansInbox.ClientApi.Results;

/// <summary>JSON that the grain has rendered.</summary>
internal sealed class RenderedJsonResult(ReadOnlyMemory<byte> json) : IResult
{
    public const string ContentType = "application/json; charset=utf-8";

    /// <summary>The <c>Link</c> header; null when there is no next page.</summary>
    public string? Link { get; init; }

    public Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.ContentType = ContentType;
        response.ContentLength = json.Length;
        response.Headers.CacheControl = "no-store";
        if (Link is not null) response.Headers.Link = Link;
        return response.Body.WriteAsync(json).AsTask();
    }
}
