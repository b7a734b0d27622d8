using OrleansInbox.ClientApi.Access;
using OrleansInbox.ClientApi.Http;
using OrleansInbox.ClientApi.Requests;
using OrleansInbox.ClientApi.Results;
using OrleansInbox.Topics;

namespace OrleansInbox.ClientApi.Endpoints;

/// <summary>Runs before every endpoint of inboxes, topics and tenants: who calls, is that within their rate, and may they touch it.</summary>
internal sealed class InboxAuthorization(Credentials credentials, RateLimits limits, Standstill standstill, InboxClient client)
{
    private const string ApiKeyChallenge = "ApiKey realm=\"orleans-inbox\"";
    private const string BearerChallenge = "Bearer realm=\"orleans-inbox\"";

    /// <summary>For an endpoint of an inbox.</summary>
    public RequestDelegate Before(Func<InboxCall, Task<IResult>> endpoint, AllowedCallers allowed) => Before(endpoint, allowed, Authorize);

    /// <summary>For an endpoint of a topic, or of one of its jobs.</summary>
    public RequestDelegate Before(Func<TopicCall, Task<IResult>> endpoint, AllowedCallers allowed) => Before(endpoint, allowed, Authorize);

    /// <summary>For an endpoint of publishers that is about the whole tenant.</summary>
    public RequestDelegate Before(Func<TenantCall, Task<IResult>> endpoint) => Before(endpoint, AllowedCallers.Publisher, Authorize);

    private delegate Problem? Authorization<TCall>(HttpContext http, AuthenticationOutcome outcome, AllowedCallers allowed, out TCall call);

    private RequestDelegate Before<TCall>(Func<TCall, Task<IResult>> endpoint, AllowedCallers allowed, Authorization<TCall> authorize) => http =>
    {
        var authentication = credentials.Identify(http, queryToken: allowed == AllowedCallers.OwnerOrPublisherByUrl);
        return authentication.IsCompletedSuccessfully ? Continue(authentication.Result) : ContinueLater();

        // No async method where nothing has to be awaited: a live stream would hold its state machine for as long as it is open.
        Task Continue(AuthenticationOutcome outcome)
        {
            var result = authorize(http, outcome, allowed, out var call) is { } problem ? Task.FromResult<IResult>(problem) : endpoint(call);
            return result.IsCompletedSuccessfully ? result.Result.ExecuteAsync(http) : Execute(result);
        }

        async Task ContinueLater() => await Continue(await authentication);
        async Task Execute(Task<IResult> result) => await (await result).ExecuteAsync(http);
    };

    private Problem? Authorize(HttpContext http, AuthenticationOutcome outcome, AllowedCallers allowed, out InboxCall call)
    {
        call = default;
        if (Refuse(outcome) is { } refused) return refused;
        var caller = outcome.Caller!;

        if (http.Features.Get<InboxPath>() is not { } path) return Problem.NotFound();
        var user = path.User == InboxKey.Me && caller.User is not null ? caller.User : path.User;
        if (!caller.IsPublisher && (allowed == AllowedCallers.Publisher || user != caller.User)) return Forbidden(allowed);
        if (Refuse(user, caller) is { } illegal) return illegal;
        if (RefuseAfterStandstill(http) is { } late) return late;

        call = new(http, string.Concat(InboxPath.Prefix, path.Raw), InboxKey.Of(caller.Tenant, user!), client, caller.Until);
        return null;
    }

    private Problem? Authorize(HttpContext http, AuthenticationOutcome outcome, AllowedCallers allowed, out TopicCall call)
    {
        call = default;
        if (Refuse(outcome) is { } refused) return refused;
        var (caller, topic) = (outcome.Caller!, http.Request.RouteValues["topic"] as string);
        if (allowed == AllowedCallers.Publisher && !caller.IsPublisher) return Forbidden(allowed);
        if (allowed != AllowedCallers.Publisher)
        {
            var user = http.Features.Get<TopicPath>()?.User is var named && named == InboxKey.Me && caller.User is not null ? caller.User : named;
            if (!caller.IsPublisher && user != caller.User) return Forbidden(allowed);
            if (Refuse(user, caller) is { } illegal) return illegal;
        }
        if (http.Request.RouteValues["job"] is string job && !TopicName.TryParseJob(job, out topic, out _)) return Problem.NotFound();
        if (!TopicName.IsLegal(topic)) return Problem.Invalid("topic", TopicName.Rule);
        if (RefuseAfterStandstill(http) is { } late) return late;

        call = new(http, caller, topic!, client);
        return null;
    }

    private Problem? Authorize(HttpContext http, AuthenticationOutcome outcome, AllowedCallers allowed, out TenantCall call)
    {
        call = default;
        if (Refuse(outcome) is { } refused) return refused;
        if (!outcome.Caller!.IsPublisher) return Forbidden(allowed);
        if (RefuseAfterStandstill(http) is { } late) return late;

        call = new(http, outcome.Caller.Tenant, client);
        return null;
    }

    private Problem? Refuse(AuthenticationOutcome outcome)
    {
        if (outcome.Caller is not { } caller) return Unauthorized(outcome.Refusal);
        return limits.Refuse(caller) is not { } wait ? null
            : new(StatusCodes.Status429TooManyRequests, "Too many requests; Retry-After says when to come back.") { RetryAfter = (int)Math.Ceiling(wait.TotalSeconds) };
    }

    private static Problem? Refuse(string? user, Caller caller) =>
        user is null ? Problem.Invalid("user", $"Must be 1 to {InboxKey.MaxBytes} bytes of UTF-8, percent-encoded, without control characters, and not '.' or '..'.")
        : user == InboxKey.Me && caller.User is null ? Problem.Invalid("user", "'me' stands for the sub of a token, and these credentials have none. No user has this id.")
        : null;

    private Problem? RefuseAfterStandstill(HttpContext http) =>
        !(HttpMethods.IsGet(http.Request.Method) || HttpMethods.IsHead(http.Request.Method)) && standstill.MayHaveHeldUp(http)
            ? new(StatusCodes.Status503ServiceUnavailable, "This server stood still, and whoever waited may have asked another one. Nothing was stored; try again.") { RetryAfter = 1 }
            : null;

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
