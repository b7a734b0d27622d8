using OrleansInbox.ClientApi.Access;
using OrleansInbox.ClientApi.Requests;
using OrleansInbox.ClientApi.Results;

namespace OrleansInbox.ClientApi.Endpoints;

/// <summary>Stands before every endpoint of an inbox: who calls, may they, how often, and whose inbox is it.</summary>
internal sealed class InboxAuthorization(Credentials credentials, RateLimits limits, InboxClient calls)
{
    private const string Me = "me";
    private const string ApiKeyChallenge = "ApiKey realm=\"orleans-inbox\"";
    private const string BearerChallenge = "Bearer realm=\"orleans-inbox\"";

    public RequestDelegate Before(Func<InboxCall, Task<IResult>> endpoint, Allowed allowed) => http =>
    {
        var identity = credentials.Identify(http, queryToken: allowed == Allowed.Stream);
        return identity.IsCompletedSuccessfully ? Pass(identity.Result) : Later();

        // Waits only for what is not there yet: a live stream would hold on to what waits for it.
        Task Pass(AuthenticationOutcome proven)
        {
            var answer = Admit(http, proven, allowed, out var call) is { } problem ? Task.FromResult<IResult>(problem) : endpoint(call);
            return answer.IsCompletedSuccessfully ? answer.Result.ExecuteAsync(http) : Execute(answer);
        }

        async Task Later() => await Pass(await identity);
        async Task Execute(Task<IResult> answer) => await (await answer).ExecuteAsync(http);
    };

    private Problem? Admit(HttpContext http, AuthenticationOutcome identity, Allowed allowed, out InboxCall call)
    {
        call = default;
        if (identity.Caller is not { } caller) return Unauthorized(identity.Refusal);
        if (limits.Refuse(caller) is { } wait)
            return new(StatusCodes.Status429TooManyRequests, "Too many requests; Retry-After says when to come back.") { RetryAfter = (int)Math.Ceiling(wait.TotalSeconds) };

        if (http.Features.Get<InboxPath>() is not { } path) return Problem.NotFound();
        var user = path.User == Me && caller.User is not null ? caller.User : path.User;
        if (!caller.IsPublisher && (allowed == Allowed.Publisher || user != caller.User)) return Forbidden(allowed);
        if (user is null) return Problem.Invalid("user", $"Must be 1 to {InboxKey.MaxBytes} bytes of UTF-8, percent-encoded, without control characters.");
        if (user == Me && caller.User is null) return Problem.Invalid("user", "Me stands for the sub of a token, and these credentials have none.");

        var key = InboxKey.Of(caller.Tenant, user);
        call = new(http, string.Concat(InboxPath.Prefix, path.Raw), key, calls);
        return null;
    }

    private static Problem Unauthorized(string? refusal) => new(StatusCodes.Status401Unauthorized, refusal ?? "Show an API key or a bearer token in Authorization.")
    {
        Authenticate = [refusal is null ? BearerChallenge : $"{BearerChallenge}, error=\"invalid_token\", error_description=\"{refusal}\"", ApiKeyChallenge],
    };

    /// <summary>The same whether that inbox exists or not.</summary>
    private static Problem Forbidden(Allowed allowed) => allowed == Allowed.Publisher
        ? new(StatusCodes.Status403Forbidden, $"This needs an API key, or a token with scope {Tokens.PublishScope}.")
        {
            Authenticate = [$"{BearerChallenge}, error=\"insufficient_scope\", scope=\"{Tokens.PublishScope}\""],
        }
        : new(StatusCodes.Status403Forbidden, "This is somebody else's inbox.");
}
