using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace OrleansInbox.Samples.GithubDemo;

/// <summary>What became of a publish.</summary>
internal enum Outcome
{
    Added,

    /// <summary>The server knows its Idempotency-Key from an earlier run.</summary>
    Known,

    Refused,
}

/// <summary>
/// Publishes over HTTP. A request without an answer, or with one that says "later", is repeated with the same Idempotency-Key: whether the first was
/// stored or not, the notification is there once.
/// </summary>
internal sealed class Publisher(HttpClient http, TimeProvider time)
{
    private const int Attempts = 8;
    private static readonly TimeSpan _maxPause = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan _poll = TimeSpan.FromMilliseconds(250);
    private static readonly JsonSerializerOptions _json = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    /// <exception cref="DemoException">No server answered within that time.</exception>
    public async Task WaitForServer(TimeSpan patience, CancellationToken cancellation)
    {
        for (var started = time.GetTimestamp(); ;)
        {
            var reason = await NotReady(cancellation);
            if (reason is null) return;
            if (time.GetElapsedTime(started) >= patience) throw new DemoException(ExitCode.NoServer, $"No server is ready at {http.BaseAddress}: {reason}");
            await Task.Delay(_poll, time, cancellation);
        }
    }

    /// <param name="publication">The notification.</param>
    /// <param name="cancellation">Ends it; the notification may have been stored.</param>
    /// <returns>The outcome, and the server's reason when it refused.</returns>
    /// <exception cref="DemoException">The key is refused, or the server has gone: nothing later can succeed.</exception>
    public async Task<(Outcome Outcome, string? Reason)> Publish(Publication publication, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            string reason;
            var pause = TimeSpan.FromSeconds(Math.Min(1 << (attempt - 1), _maxPause.TotalSeconds));
            try
            {
                using var response = await Post(publication, cancellation);
                switch (response.StatusCode)
                {
                    case HttpStatusCode.Created: return (Outcome.Added, null);
                    case HttpStatusCode.OK: return (Outcome.Known, null);
                    case HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden:
                        throw new DemoException(ExitCode.KeyRefused, $"The API key is refused: {await Detail(response, cancellation)}");
                    case < HttpStatusCode.InternalServerError and not HttpStatusCode.TooManyRequests: return (Outcome.Refused, await Detail(response, cancellation));
                }
                reason = await Detail(response, cancellation);
                pause = RetryAfter(response) ?? pause;
            }
            catch (HttpRequestException failure)
            {
                reason = failure.Message;
            }
            catch (TaskCanceledException) when (!cancellation.IsCancellationRequested)
            {
                reason = $"there was no answer within {http.Timeout.TotalSeconds:0} s";
            }
            if (attempt == Attempts) throw new DemoException(ExitCode.NoServer, $"The server took nothing in {Attempts} attempts: {reason}");
            await Task.Delay(pause, time, cancellation);
        }
    }

    private async Task<string?> NotReady(CancellationToken cancellation)
    {
        try
        {
            using var response = await http.GetAsync("health/ready", cancellation);
            return response.IsSuccessStatusCode ? null : await Detail(response, cancellation);
        }
        catch (HttpRequestException failure)
        {
            return failure.Message;
        }
        catch (TaskCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return "it does not answer";
        }
    }

    private async Task<HttpResponseMessage> Post(Publication publication, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"v1/users/{Uri.EscapeDataString(publication.User)}/notifications");
        request.Headers.Add("Idempotency-Key", publication.IdempotencyKey);
        request.Content = JsonContent.Create(publication.Notification, options: _json);
        return await http.SendAsync(request, cancellation);
    }

    private TimeSpan? RetryAfter(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } when date > time.GetUtcNow() => date - time.GetUtcNow(),
        _ => null,
    };

    /// <summary>The problem in words (RFC 9457); the status of an answer that is none.</summary>
    private static async Task<string> Detail(HttpResponseMessage response, CancellationToken cancellation)
    {
        var status = $"{(int)response.StatusCode} {response.ReasonPhrase}";
        if (response.Content.Headers.ContentType?.MediaType != "application/problem+json") return status;
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>(cancellation);
        return $"{status}: {problem.Text("detail")}{(problem.Object("errors") is { } errors ? " " + errors : "")}";
    }
}
