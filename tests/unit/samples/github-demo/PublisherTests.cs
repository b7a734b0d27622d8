using System.Net;
using System.Net.Http.Headers;
using OrleansInbox.Samples.GithubDemo;

namespace OrleansInbox.Tests.Samples.GithubDemo;

/// <summary>What the sample makes of the server's answers.</summary>
public sealed class PublisherTests
{
    private static readonly Publication _publication = new("ann/b", "github:1:ann", new("issues.opened", "T", null, null, null, null, "normal", new("issues", "opened", null)));
    private readonly FakeTime _time = new();

    [Fact]
    public async Task Retry_After_is_waited_for_and_the_same_key_is_sent_again()
    {
        var server = new Script(Later(HttpStatusCode.ServiceUnavailable, 7), Later(HttpStatusCode.TooManyRequests, 3), new(HttpStatusCode.Created));
        var publishing = Publish(server);

        await _time.TimerWithin(TimeSpan.FromSeconds(7));
        _time.Advance(TimeSpan.FromSeconds(6.9));
        Assert.Single(server.Requests);
        _time.Advance(TimeSpan.FromSeconds(0.1));
        await _time.TimerWithin(TimeSpan.FromSeconds(3));
        _time.Advance(TimeSpan.FromSeconds(3));

        Assert.Equal((Outcome.Added, null), await publishing);
        Assert.Equal(Enumerable.Repeat("POST /v1/users/ann%2Fb/notifications github:1:ann", 3), server.Requests);
    }

    [Fact]
    public async Task What_was_there_already_is_known_and_what_is_wrong_is_refused_at_once()
    {
        Assert.Equal((Outcome.Known, null), await Publish(new Script(new HttpResponseMessage(HttpStatusCode.OK))));
        Assert.Equal((Outcome.Refused, "400 Bad Request: The request is not valid. {\"title\":[\"Too long.\"]}"), await Publish(new Script(
            Problem(HttpStatusCode.BadRequest, """{"detail":"The request is not valid.","errors":{"title":["Too long."]}}"""))));
    }

    [Theory]
    [InlineData(HttpStatusCode.Unauthorized)]
    [InlineData(HttpStatusCode.Forbidden)]
    public async Task A_refused_key_ends_the_run(HttpStatusCode status)
    {
        var failure = await Assert.ThrowsAsync<DemoException>(() => Publish(new Script(Problem(status, """{"detail":"The API key is not known."}"""))));

        Assert.Equal(ExitCode.KeyRefused, failure.ExitCode);
        Assert.EndsWith("The API key is not known.", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_stays_away_ends_the_run_after_8_attempts()
    {
        var server = new Script();
        var publishing = Publish(server);
        foreach (var pause in new[] { 1, 2, 4, 8, 10, 10, 10 })
        {
            await _time.TimerWithin(TimeSpan.FromSeconds(pause));
            _time.Advance(TimeSpan.FromSeconds(pause));
        }

        var failure = await Assert.ThrowsAsync<DemoException>(() => publishing);
        Assert.Equal((ExitCode.NoServer, 8), (failure.ExitCode, server.Requests.Count));
    }

    private async Task<(Outcome, string?)> Publish(Script server)
    {
        using var http = new HttpClient(server) { BaseAddress = new("http://127.0.0.1:8080/") };
        return await new Publisher(http, _time).Publish(_publication, CancellationToken.None);
    }

    private static HttpResponseMessage Later(HttpStatusCode status, int seconds) =>
        new(status) { Headers = { RetryAfter = new RetryConditionHeaderValue(TimeSpan.FromSeconds(seconds)) } };

    private static HttpResponseMessage Problem(HttpStatusCode status, string json) => new(status) { Content = new StringContent(json, new MediaTypeHeaderValue("application/problem+json")) };

    /// <summary>Answers one after the other; nobody listens when they are used up.</summary>
    private sealed class Script(params HttpResponseMessage[] answers) : HttpMessageHandler
    {
        public List<string> Requests { get; } = [];

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Requests.Add($"{request.Method} {request.RequestUri!.AbsolutePath} {request.Headers.GetValues("Idempotency-Key").Single()}");
            return Requests.Count <= answers.Length ? Task.FromResult(answers[Requests.Count - 1]) : throw new HttpRequestException("Connection refused");
        }
    }
}
