using OrleansInbox.ClientApi.Results;

namespace OrleansInbox.ClientApi.Endpoints;

/// <summary><c>/health/live</c>: the process answers. <c>/health/ready</c>: send requests here, because storage answers and nobody has asked to stop.</summary>
internal static class HealthEndpoints
{
    public static void MapHealth(this IEndpointRouteBuilder app)
    {
        var storage = app.ServiceProvider.GetRequiredService<IInboxHealth>();
        var stopping = app.ServiceProvider.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        app.MapGet("/health/live", (RequestDelegate)(http => Healthy(http, "live")));
        app.MapGet("/health/ready", (RequestDelegate)(async http =>
        {
            if (stopping.IsCancellationRequested) await NotReady("The server is stopping.").ExecuteAsync(http);
            else if (!await storage.Ready(http.RequestAborted)) await NotReady("Storage does not answer.").ExecuteAsync(http);
            else await Healthy(http, "ready");
        }));
    }

    private static Task Healthy(HttpContext http, string status)
    {
        http.Response.Headers.CacheControl = "no-store";
        http.Response.ContentType = "application/json";
        return http.Response.WriteAsync($"{{\"status\":\"{status}\"}}");
    }

    private static Problem NotReady(string detail) => new(StatusCodes.Status503ServiceUnavailable, detail) { RetryAfter = 2 };
}
