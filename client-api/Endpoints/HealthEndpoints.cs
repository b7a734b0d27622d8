using System.Text.Json;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using OrleansInbox.ClientApi.Results;

namespace OrleansInbox.ClientApi.Endpoints;

/// <summary><c>/health/live</c>: the process answers. <c>/health/ready</c>: send requests here, because storage answers and nobody has asked to stop.</summary>
internal static class HealthEndpoints
{
    private static readonly HttpMethodMetadata _read = new([HttpMethods.Get, HttpMethods.Head]);

    /// <summary>To be called before inboxes are added: the first check that fails gives the reason, and a stop comes before storage.</summary>
    public static void AddHealth(this WebApplicationBuilder builder) => builder.Services.AddHealthChecks().AddCheck<ShutdownHealthCheck>("shutdown");

    public static void MapHealth(this IEndpointRouteBuilder app)
    {
        app.MapHealthChecks("/health/live", new() { Predicate = static _ => false, AllowCachingResponses = true, ResponseWriter = static (http, _) => Healthy(http, "live", []) }).WithMetadata(_read);
        app.MapHealthChecks("/health/ready", new() { AllowCachingResponses = true, ResponseWriter = Ready }).WithMetadata(_read);
    }

    private static Task Ready(HttpContext http, HealthReport report) =>
        report.Status == HealthStatus.Healthy ? Healthy(http, "ready", WarningsOf(report)) : NotReady(report).ExecuteAsync(http);

    /// <summary><c>no-store</c> is said here and in <see cref="Problem"/>, as in every other answer, and not by the framework.</summary>
    private static Task Healthy(HttpContext http, string status, string[] warnings)
    {
        http.Response.Headers.CacheControl = "no-store";
        http.Response.ContentType = "application/json";
        return http.Response.WriteAsync(warnings.Length == 0 ? $"{{\"status\":\"{status}\"}}" : JsonSerializer.Serialize(new { status, warnings }));
    }

    private static string[] WarningsOf(HealthReport report) =>
        [.. report.Entries.Values.SelectMany(check => check.Data.TryGetValue(StorageHealthCheck.Warnings, out var warnings) ? (IEnumerable<string>)warnings : [])];

    private static Problem NotReady(HealthReport report) =>
        new(StatusCodes.Status503ServiceUnavailable, report.Entries.Values.First(check => check.Status != HealthStatus.Healthy).Description ?? "Not ready.") { RetryAfter = 2 };
}
