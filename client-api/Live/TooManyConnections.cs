namespace OrleansInbox.ClientApi.Live;

/// <summary>The answer to one live connection too many.</summary>
internal static class TooManyConnections
{
    public static Task Answer(HttpContext http, int limit)
    {
        http.Response.Headers.RetryAfter = "5";
        return TypedResults.Problem(statusCode: StatusCodes.Status429TooManyRequests, title: "Too many live connections.",
            detail: $"A user may have {limit} streams and long polls open on one front-end.").ExecuteAsync(http);
    }
}
