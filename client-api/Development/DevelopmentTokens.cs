using System.Text.Json;
using OrleansInbox.ClientApi.Results;

namespace OrleansInbox.ClientApi.Development;

/// <summary>
/// <c>POST /dev/token?user=ann</c> → <c>{"token":"…","user":"ann"}</c> and <c>?publisher=true</c> → <c>{"token":"…","user":null}</c>, for the page at <c>/</c>.
/// In Development only, with made-up credentials only, and only for this machine (<see cref="LocalRequest"/>).
/// </summary>
internal static class DevelopmentTokens
{
    public static void MapDevelopmentTokens(this IEndpointRouteBuilder app, DevelopmentCredentials credentials) =>
        app.MapPost("/dev/token", (RequestDelegate)(http => Answer(http, credentials).ExecuteAsync(http)));

    private static IResult Answer(HttpContext http, DevelopmentCredentials credentials)
    {
        if (!LocalRequest.IsFromHere(http)) return new Problem(StatusCodes.Status403Forbidden, "Only for pages and programs of this machine.");
        if (http.Request.Query["publisher"] == "true") return new DevelopmentToken(credentials.PublisherToken(), null);
        var user = http.Request.Query["user"].ToString();
        return InboxKey.IsLegal(user) ? new DevelopmentToken(credentials.Token(user), user) : Problem.Invalid("user", "Must be a legal user id.");
    }

    private sealed class DevelopmentToken(string token, string? user) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.ContentType = "application/json";
            httpContext.Response.Headers.CacheControl = "no-store";
            using var body = new MemoryStream();
            using (var json = new Utf8JsonWriter(body))
            {
                json.WriteStartObject();
                json.WriteString("token", token);
                json.WriteString("user", user);
                json.WriteEndObject();
            }
            return httpContext.Response.Body.WriteAsync(body.ToArray()).AsTask();
        }
    }
}
