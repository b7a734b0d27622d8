using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.WebUtilities;
using OrleansInbox.ClientApi.Results;

namespace OrleansInbox.ClientApi.Http;

/// <summary>Gives the bare status codes of routing, 404 and 405, the body of a problem.</summary>
internal static class StatusCodeProblem
{
    /// <summary>Only for requests that no endpoint of ours takes: the middleware of the framework holds a feature for each request, also for each live stream.</summary>
    public static void UseStatusCodeProblems(this IApplicationBuilder app) =>
        app.UseWhen(static http => http.GetEndpoint() is not RouteEndpoint, static unmatched => unmatched.UseStatusCodePages(Write));

    private static Task Write(StatusCodeContext context)
    {
        var http = context.HttpContext;
        return new Problem(http.Response.StatusCode, Detail(http)).ExecuteAsync(http);
    }

    private static string Detail(HttpContext http) => http.Response.StatusCode switch
    {
        StatusCodes.Status404NotFound => "There is nothing here; /openapi/v1.json says what there is.",
        StatusCodes.Status405MethodNotAllowed => $"{http.Request.Method} is not possible here; Allow says what is.",
        var other => ReasonPhrases.GetReasonPhrase(other) + ".",
    };
}
