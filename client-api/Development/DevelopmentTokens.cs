using System.Text.Json;
using OrleansInbox.ClientApi.Access;
using OrleansInbox.ClientApi.Results;

namespace OrleansInbox.ClientApi.Development;

/// <summary>
/// <c>POST /dev/token?user=ann</c> → <c>{"token":"…","user":"ann"}</c> and <c>?publisher=true</c> → <c>{"token":"…","user":null}</c>, for the page at <c>/</c>. In Development only, with made-up credentials only, and
/// for who shows the development API key: where a request seems to come from proves nothing, because a proxy on this machine makes every request look local.
/// </summary>
internal static class DevelopmentTokens
{
    public static void MapDevelopmentTokens(this IEndpointRouteBuilder app, DevelopmentCredentials development)
    {
        var credentials = app.ServiceProvider.GetRequiredService<Credentials>();
        app.MapPost("/dev/token", (RequestDelegate)(async http =>
        {
            var caller = (await credentials.Identify(http, queryToken: false)).Caller;
            await Answer(http, caller, development).ExecuteAsync(http);
        }));
    }

    private static IResult Answer(HttpContext http, Caller? caller, DevelopmentCredentials development)
    {
        if (caller is not { IsPublisher: true })
            return new Problem(StatusCodes.Status401Unauthorized, "Show the API key that ./start prints in Authorization.") { Authenticate = ["ApiKey realm=\"orleans-inbox\""] };
        if (http.Request.Query["publisher"] == "true") return new DevelopmentToken(development.PublisherToken(), null);
        var user = http.Request.Query["user"].ToString();
        return InboxKey.IsLegal(user) ? new DevelopmentToken(development.Token(user), user) : Problem.Invalid("user", "Must be a legal user id.");
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
