using System.Globalization;
using System.Net;

namespace OrleansInbox.Tests.ClientDotnet;

using OrleansInbox.Client;

/// <summary>What is repeated, how long, and with which key; a server that answers as the test says, and a clock that is the test.</summary>
public sealed class RetryTests
{
    private const string Created = """{"id":"1-1","createdAt":"2026-01-01T00:00:00Z"}""";
    private static readonly Notification _notification = new() { Type = "t", Title = "T" };

    [Theory]
    [InlineData(408)]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(504)]
    public async Task What_may_be_taken_later_is_sent_again_as_it_was(int status)
    {
        var server = new StubServer().Answers(status, null, ("Retry-After", "0")).Answers(status, null, ("Retry-After", "0")).Answers(201, Created);
        using var client = TestClient.Of(server);

        Assert.Equal("1-1", (await client.Inbox.PublishAsync("ann", _notification)).Id);

        Assert.Equal(3, server.Requests.Count);
        Assert.Single(server.Requests.Distinct());
        Assert.Equal(32, server.Requests[0].Key!.Length);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(404)]
    [InlineData(409)]
    [InlineData(413)]
    [InlineData(415)]
    [InlineData(422)]
    public async Task What_is_refused_is_not_sent_again(int status)
    {
        var server = new StubServer().Answers(status, $$"""{"status":{{status}},"title":"No","detail":"Not so."}""");
        using var client = TestClient.Of(server);

        var refused = await Assert.ThrowsAnyAsync<InboxException>(() => client.Inbox.PublishAsync("ann", _notification));

        Assert.Single(server.Requests);
        Assert.Equal(((HttpStatusCode)status, "No", "Not so."), (refused.Status, refused.Title, refused.Detail));
        Assert.Equal($"{status} No. Not so.", refused.Message);
    }

    [Theory]
    [InlineData("7")]
    [InlineData("Thu, 01 Jan 2026 00:00:07 GMT")]
    public async Task Retry_After_is_waited_for_as_seconds_and_as_a_date(string retryAfter)
    {
        var time = new FakeTime();
        var server = new StubServer().Answers(429, null, ("Retry-After", retryAfter)).Answers(201, Created);
        using var client = TestClient.Of(server, time, options => options.AttemptTimeout = TimeSpan.FromSeconds(30));
        var publish = client.Inbox.PublishAsync("ann", _notification);

        await time.TimerWithin(TimeSpan.FromSeconds(7));
        time.Advance(TimeSpan.FromSeconds(6.9));
        Assert.Single(server.Requests);
        time.Advance(TimeSpan.FromSeconds(0.1));
        await publish;
        Assert.Equal(2, server.Requests.Count);
    }

    [Fact]
    public async Task A_Retry_After_beyond_the_total_timeout_is_told_at_once()
    {
        var server = new StubServer().Answers(503, """{"title":"Service Unavailable"}""", ("Retry-After", "61"));
        using var client = TestClient.Of(server, new FakeTime());

        var unavailable = await Assert.ThrowsAsync<InboxUnavailableException>(() => client.Inbox.PublishAsync("ann", _notification));

        Assert.Equal((HttpStatusCode.ServiceUnavailable, TimeSpan.FromSeconds(61)), (unavailable.Status, unavailable.RetryAfter));
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task The_total_timeout_ends_it_and_the_last_failure_is_told()
    {
        var time = new FakeTime();
        var server = new StubServer().Throws(new HttpRequestException("Nobody is there."));
        using var client = TestClient.Of(server, time, options => (options.TotalTimeout, options.AttemptTimeout) = (TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(15)));
        var publish = client.Inbox.PublishAsync("ann", _notification);
        await PassUntil(publish, time);

        var unavailable = await Assert.ThrowsAsync<InboxUnavailableException>(() => publish);

        Assert.Contains("Nobody is there.", unavailable.Detail, StringComparison.Ordinal);
        Assert.True(server.Requests.Count >= 3);
    }

    [Fact]
    public async Task A_caller_who_cancels_is_told_so()
    {
        var time = new FakeTime();
        var server = new StubServer().Answers(503, null, ("Retry-After", "5"));
        using var client = TestClient.Of(server, time);
        using var cancelled = new CancellationTokenSource();
        var publish = client.Inbox.PublishAsync("ann", _notification, cancellationToken: cancelled.Token);
        await time.TimerWithin(TimeSpan.FromSeconds(5));

        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => publish);
    }

    [Fact]
    public async Task The_token_is_asked_for_at_each_attempt()
    {
        var server = new StubServer().Answers(503, null, ("Retry-After", "0")).Answers(201, Created);
        var asked = 0;
        using var client = TestClient.Of(server, configure: options => (options.ApiKey, options.Token) = (null, _ => new($"token{(++asked).ToString(CultureInfo.InvariantCulture)}")));

        await client.Inbox.PublishAsync("ann", _notification);

        Assert.Equal(["Bearer token1", "Bearer token2"], server.Requests.Select(request => request.Authorization));
    }

    [Fact]
    public async Task An_answer_of_something_else_is_told_as_such()
    {
        using var client = TestClient.Of(new StubServer().Answers(200, "<html>"));
        await Assert.ThrowsAsync<InboxException>(() => client.Inbox.PublishAsync("ann", _notification));
        using var proxy = TestClient.Of(new StubServer().Answers(404, "<html>"));
        Assert.Equal(HttpStatusCode.NotFound, (await Assert.ThrowsAsync<InboxException>(() => proxy.Inbox.PublishAsync("ann", _notification))).Status);
    }

    /// <summary>A second passes whenever a pause, which is of ten seconds at most, has begun: before that a request may be under way.</summary>
    private static async Task PassUntil(Task done, FakeTime time)
    {
        while (await Task.WhenAny(done, time.TimerWithin(TimeSpan.FromSeconds(10))) != done) time.Advance(TimeSpan.FromSeconds(1));
    }
}
