using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace OrleansInbox.Silo;

/// <summary><c>/health/live</c>: the process answers. <c>/health/ready</c>: an active member of the cluster whose storage answers.</summary>
internal static class HealthEndpoints
{
    private static readonly HttpMethodMetadata _read = new([HttpMethods.Get, HttpMethods.Head]);

    /// <summary>To be called before inboxes are added: the first check that fails gives the reason, and membership comes before storage.</summary>
    public static void AddHealth(this WebApplicationBuilder builder) => builder.Services.AddHealthChecks().AddCheck<MembershipHealthCheck>("membership");

    public static void MapHealth(this IEndpointRouteBuilder silo)
    {
        silo.MapHealthChecks("/health/live", new() { Predicate = static _ => false, ResponseWriter = static (http, _) => Healthy("live").ExecuteAsync(http) }).WithMetadata(_read);
        silo.MapHealthChecks("/health/ready", new() { ResponseWriter = static (http, report) => Ready(http, report).ExecuteAsync(http) }).WithMetadata(_read);
    }

    private static IResult Ready(HttpContext http, HealthReport report)
    {
        if (report.Status == HealthStatus.Healthy)
        {
            var warnings = report.Entries.Values.SelectMany(check => check.Data.TryGetValue(StorageHealthCheck.Warnings, out var said) ? (IEnumerable<string>)said : []).ToArray();
            return warnings.Length == 0 ? Healthy("ready") : Results.Json(new { status = "ready", warnings });
        }
        http.Response.Headers.RetryAfter = "2";
        var reason = report.Entries.Values.First(check => check.Status != HealthStatus.Healthy).Description;
        return Results.Problem(reason, statusCode: StatusCodes.Status503ServiceUnavailable);
    }

    private static IResult Healthy(string status) => Results.Json(new { status });
}
