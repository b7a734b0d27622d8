using OrleansInbox.ClientApi.Access;
using OrleansInbox.ClientApi.Http;
using OrleansInbox.ClientApi.Requests;
using OrleansInbox.ClientApi.Results;

namespace OrleansInbox.ClientApi.Endpoints;

/// <summary>Runs before every endpoint of an inbox: who calls, is that within their rate, and may they touch this inbox.</summary>
internal sealed class InboxAuthorization(Credentials credentials, RateLimits limits, Standstill standstill, InboxClient client)
{
    private const string ApiKeyChallenge = "ApiKey realm=\"orleans-inbox\"";
    private const string BearerChallenge = "Bearer realm=\"orleans-inbox\"";

    public RequestDelegate Before(Func<InboxCall, Task<IResult>> endpoint, AllowedCallers allowed) => http =>
    {
        var authentication = credentials.Identify(http, queryToken: allowed == AllowedCallers.OwnerOrPublisherByUrl);
        return authentication.IsCompletedSuccessfully ? Continue(authentication.Result) : ContinueLater();

        // No async method where nothing has to be awaited: a live stream would hold its state machine for as long as it is open.
        Task Continue(AuthenticationOutcome outcome)
        {
            var result = Authorize(http, outcome, allowed, out var call) is { } problem ? Task.FromResult<IResult>(problem) : endpoint(call);
            return result.IsCompletedSuccessfully ? result.Result.ExecuteAsync(http) : Execute(result);
        }

        async Task ContinueLater() => await Continue(await authentication);
        async Task Execute(Task<IResult> result) => await (await result).ExecuteAsync(http);
    };

    private Problem? Authorize(HttpContext http, AuthenticationOutcome outcome, AllowedCallers allowed, out InboxCall call)
    {
        call = default;
        if (outcome.Caller is not { } caller) return Unauthorized(outcome.Refusal);
        if (limits.Refuse(caller) is { } wait)
            return new(StatusCodes.Status429TooManyRequests, "Too many requests; Retry-After says when to come back.") { RetryAfter = (int)Math.Ceiling(wait.TotalSeconds) };

        if (http.Features.Get<InboxPath>() is not { } path) return Problem.NotFound();
        var user = path.User == InboxKey.Me && caller.User is not null ? caller.User : path.User;
        if (!caller.IsPublisher && (allowed == AllowedCallers.Publisher || user != caller.User)) return Forbidden(allowed);
        if (user is null) return Problem.Invalid("user", $"Must be 1 to {InboxKey.MaxBytes} bytes of UTF-8, percent-encoded, without control characters, and not '.' or '..'.");
        if (user == InboxKey.Me && caller.User is null) return Problem.Invalid("user", "'me' stands for the sub of a token, and these credentials have none. No user has this id.");

        if (standstill.IsRecent && !(HttpMethods.IsGet(http.Request.Method) || HttpMethods.IsHead(http.Request.Method)))
            return new(StatusCodes.Status503ServiceUnavailable, "This server stood still, and whoever waited may have asked another one. Nothing was stored; try again.") { RetryAfter = 1 };

        call = new(http, string.Concat(InboxPath.Prefix, path.Raw), InboxKey.Of(caller.Tenant, user), client, caller.Until);
        return null;
    }

    private static Problem Unauthorized(string? refusal) => new(StatusCodes.Status401Unauthorized, refusal ?? "Show an API key or a bearer token in Authorization.")
    {
        Authenticate = [refusal is null ? BearerChallenge : $"{BearerChallenge}, error=\"invalid_token\", error_description=\"{refusal}\"", ApiKeyChallenge],
    };

    /// <summary>The same whether the inbox exists or not.</summary>
    private static Problem Forbidden(AllowedCallers allowed) => allowed == AllowedCallers.Publisher
        ? new(StatusCodes.Status403Forbidden, $"This needs an API key, or a token with scope {Tokens.PublishScope}.")
        {
            Authenticate = [$"{BearerChallenge}, error=\"insufficient_scope\", scope=\"{Tokens.PublishScope}\""],
        }
        : new(StatusCodes.Status403Forbidden, "This is somebody else's inbox.");
}
