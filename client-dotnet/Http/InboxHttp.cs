using System.Net;
using System.Text.Json;
using Polly;

namespace OrleansInbox.Client.Http;

/// <summary>Sends one request, whose retries are the business of the handlers, and turns whatever is no success into an <see cref="InboxException"/>.</summary>
internal sealed class InboxHttp(Func<HttpClient> clients, TimeProvider time)
{
    /// <exception cref="InboxException">It was not done.</exception>
    public async Task<InboxAnswer> Send(HttpMethod method, string path, CancellationToken cancellationToken, byte[]? body = null, string? idempotencyKey = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null) request.Content = new ByteArrayContent(body) { Headers = { ContentType = new("application/json") } };
        if (idempotencyKey is not null && !request.Headers.TryAddWithoutValidation("Idempotency-Key", idempotencyKey))
            throw new ArgumentException("An idempotency key has no line breaks.", nameof(idempotencyKey));
        request.Options.Set(InboxResilience.Started, time.GetTimestamp());
        try
        {
            using var response = await clients().SendAsync(request, cancellationToken).ConfigureAwait(false);
            var answer = await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
            if (!response.IsSuccessStatusCode) throw Refused(response, answer);
            return new(answer, response.Headers.TryGetValues("Idempotent-Replayed", out var replayed) && replayed.Contains("true"));
        }
        catch (Exception failure) when (failure is HttpRequestException or ExecutionRejectedException || (failure is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            request.Options.TryGetValue(InboxResilience.LastFailure, out var last);
            var problem = new InboxProblem { Title = "The server did not answer", Detail = failure is ExecutionRejectedException && last is not null ? $"{failure.Message} Before: {last}" : failure.Message };
            throw new InboxUnavailableException(problem, innerException: failure);
        }
    }

    private InboxException Refused(HttpResponseMessage response, byte[] answer)
    {
        var (problem, id) = Read(response, answer);
        return response.StatusCode switch
        {
            HttpStatusCode.BadRequest => new InvalidRequestException(problem),
            HttpStatusCode.Conflict when id is not null => new AlreadyDeliveredException(problem, id),
            HttpStatusCode.UnprocessableEntity => new KeyReusedException(problem),
            HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError => new InboxUnavailableException(problem, InboxResilience.RetryAfter(response, time)),
            _ => new InboxException(problem, InboxResilience.RetryAfter(response, time)),
        };
    }

    /// <summary>What is between client and server may answer in a form of its own.</summary>
    private static (InboxProblem Problem, string? Id) Read(HttpResponseMessage response, byte[] answer)
    {
        try
        {
            if (response.Content.Headers.ContentType?.MediaType == "application/problem+json" && JsonSerializer.Deserialize(answer, InboxJson.Wire.InboxProblem) is { } problem)
                return (problem with { Status = response.StatusCode }, JsonSerializer.Deserialize(answer, InboxJson.Wire.ProblemId)?.Id);
        }
        catch (JsonException)
        {
            // Told by its status.
        }
        return (new() { Status = response.StatusCode, Title = response.ReasonPhrase }, null);
    }
}
