using System.Net;
using System.Text;

namespace OrleansInbox.Tests.ClientDotnet;

/// <summary>Answers what the test says, in its order and the last of it for ever, and keeps what was asked.</summary>
internal sealed class StubServer : HttpMessageHandler
{
    private readonly Lock _lock = new();
    private readonly Queue<Func<HttpResponseMessage>> _answers = new();
    private readonly List<StubRequest> _requests = [];

    public IReadOnlyList<StubRequest> Requests
    {
        get { lock (_lock) return [.. _requests]; }
    }

    public StubServer Answers(int status, string? json = null, params (string Name, string Value)[] headers)
    {
        _answers.Enqueue(() =>
        {
            var response = new HttpResponseMessage((HttpStatusCode)status);
            if (json is not null) response.Content = new StringContent(json, Encoding.UTF8, status < 400 ? "application/json" : "application/problem+json");
            foreach (var (name, value) in headers) response.Headers.TryAddWithoutValidation(name, value);
            return response;
        });
        return this;
    }

    public StubServer Throws(Exception failure)
    {
        _answers.Enqueue(() => throw failure);
        return this;
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var body = request.Content is null ? null : await request.Content.ReadAsStringAsync(cancellationToken);
        Func<HttpResponseMessage> answer;
        lock (_lock)
        {
            _requests.Add(new($"{request.Method} {request.RequestUri!.AbsoluteUri}", body, request.Headers.TryGetValues("Idempotency-Key", out var keys) ? keys.Single() : null, request.Headers.Authorization?.ToString()));
            answer = _answers.Count > 1 ? _answers.Dequeue() : _answers.Peek();
        }
        return answer();
    }
}

internal sealed record StubRequest(string Line, string? Body, string? Key, string? Authorization);
