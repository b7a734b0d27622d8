using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http.Resilience;
using Polly;
using Polly.CircuitBreaker;

namespace OrleansInbox.Client.Http;

/// <summary>
/// The standard resilience handler, set up for this API: a request that may have been lost is sent again, as it was, with its idempotency key, until
/// <see cref="InboxClientOptions.TotalTimeout"/> is over. What is refused is not.
/// </summary>
internal static class InboxResilience
{
    public static readonly HttpRequestOptionsKey<long> Started = new("OrleansInbox.Started");
    public static readonly HttpRequestOptionsKey<string?> LastFailure = new("OrleansInbox.LastFailure");

    private static readonly TimeSpan _firstPause = TimeSpan.FromSeconds(0.25), _longestPause = TimeSpan.FromSeconds(10), _sampling = TimeSpan.FromSeconds(30);

    public static void Configure(HttpStandardResilienceOptions resilience, InboxClientOptions options, TimeProvider time)
    {
        resilience.RateLimiter.DefaultRateLimiterOptions.QueueLimit = int.MaxValue; // a publisher that has much to say waits, and is not refused by its own client
        resilience.TotalRequestTimeout.Timeout = options.TotalTimeout;
        resilience.AttemptTimeout.Timeout = options.AttemptTimeout;
        resilience.CircuitBreaker.SamplingDuration = TimeSpan.FromTicks(Math.Max(_sampling.Ticks, 2 * options.AttemptTimeout.Ticks));
        resilience.CircuitBreaker.FailureRatio = 0.5;
        resilience.CircuitBreaker.ShouldHandle = static args => ValueTask.FromResult(IsTransient(args.Outcome) && args.Outcome.Result?.StatusCode != HttpStatusCode.TooManyRequests);
        resilience.Retry.MaxRetryAttempts = int.MaxValue; // the total timeout ends it
        resilience.Retry.Delay = _firstPause;
        resilience.Retry.MaxDelay = _longestPause;
        resilience.Retry.BackoffType = DelayBackoffType.Exponential;
        resilience.Retry.UseJitter = true;
        resilience.Retry.DelayGenerator = args => ValueTask.FromResult(args.Outcome.Result is { } response ? RetryAfter(response, time) : null); // null: the pauses above
        resilience.Retry.ShouldHandle = args => ValueTask.FromResult(IsWorthRepeating(args.Outcome, args.Context.GetRequestMessage(), options.TotalTimeout, time));
        resilience.Retry.OnRetry = static args =>
        {
            args.Context.GetRequestMessage()?.Options.Set(LastFailure, args.Outcome.Exception?.Message ?? $"{(int?)args.Outcome.Result?.StatusCode} {args.Outcome.Result?.ReasonPhrase}");
            return ValueTask.CompletedTask;
        };
    }

    /// <summary>When the server asks to come back; null when it does not say.</summary>
    public static TimeSpan? RetryAfter(HttpResponseMessage response, TimeProvider time) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } => date - time.GetUtcNow() is { Ticks: > 0 } ahead ? ahead : TimeSpan.Zero,
        _ => null,
    };

    private static bool IsWorthRepeating(Outcome<HttpResponseMessage> outcome, HttpRequestMessage? request, TimeSpan totalTimeout, TimeProvider time)
    {
        if (!IsTransient(outcome) && outcome.Exception is not BrokenCircuitException) return false;
        if (request is null) return true;
        // An answer that is known now is better than none at the end of the total timeout.
        return outcome.Result is not { } response || RetryAfter(response, time) is not { } pause
            || !request.Options.TryGetValue(Started, out var started) || time.GetElapsedTime(started) + pause < totalTimeout;
    }

    private static bool IsTransient(Outcome<HttpResponseMessage> outcome) => HttpClientResiliencePredicates.IsTransient(outcome);
}
