using Orleans.Runtime;

namespace OrleansInbox.Silo;

/// <summary><c>/health/live</c>: the process answers. <c>/health/ready</c>: an active member of the cluster whose storage answers.</summary>
internal static class SiloHealth
{
    public static void MapSiloHealth(this WebApplication silo)
    {
        var storage = silo.Services.GetRequiredService<IInboxHealth>();
        var members = silo.Services.GetRequiredService<ISiloStatusOracle>();
        var stopping = silo.Lifetime.ApplicationStopping;
        silo.MapGet("/health/live", () => Results.Json(new { status = "live" }));
        silo.MapGet("/health/ready", async (HttpContext http) =>
        {
            string? reason = stopping.IsCancellationRequested ? "The silo is stopping."
                : members.CurrentStatus != SiloStatus.Active ? $"The silo is {members.CurrentStatus}, not yet or no longer an active member of the cluster."
                : await storage.Ready(http.RequestAborted) ? null : "Storage does not answer.";
            if (reason is null) return Results.Json(new { status = "ready" });
            http.Response.Headers.RetryAfter = "2";
            return Results.Problem(reason, statusCode: StatusCodes.Status503ServiceUnavailable);
        });
    }
}
