using System.Text;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansInbox.ClientApi.Http;
using OrleansInbox.ClientApi.Live;

namespace OrleansInbox.Tests.ClientApi;

/// <summary>What each exception is answered with.</summary>
public sealed class ProblemExceptionHandlerTests
{
    private const string Uncertain = "Storage did not answer in time. Whether a change was stored is not known; trying again is safe, for a publish with the same Idempotency-Key.";

    public static TheoryData<Exception, int, string, string?> Known => new()
    {
        { new StorageUnavailableException("redis:6379 refused"), 503, "Storage is not available. Nothing was stored; try again later.", "2" },
        { new StorageUnavailableException("timed out") { Uncertain = true }, 503, Uncertain, "2" },
        { new TimeoutException("internal"), 503, Uncertain, "2" },
        { new OperationCanceledException("internal"), 503, Uncertain, "2" },
        { new TooManyConnectionsException(), 429, "This user has too many live connections.", "5" },
        { new BadHttpRequestException("Reading the request body timed out.", 408), 408, "Request Timeout.", null },
        { new BadHttpRequestException("too large", 413), 413, "A request has at most 64 KiB.", null },
    };

    [Theory]
    [MemberData(nameof(Known), DisableDiscoveryEnumeration = true)]
    public async Task A_known_exception_is_the_problem_that_it_stands_for(Exception exception, int status, string detail, string? retryAfter)
    {
        var (http, body) = await Handle(exception);
        Assert.Equal(status, http.Response.StatusCode);
        Assert.Equal("application/problem+json", http.Response.ContentType);
        Assert.Equal("no-store", http.Response.Headers.CacheControl);
        Assert.Equal(retryAfter, http.Response.Headers.RetryAfter);
        Assert.Contains($"\"detail\":\"{detail}\"", body);
    }

    [Fact]
    public async Task An_invalid_notification_has_its_errors()
    {
        var (_, body) = await Handle(new InvalidNotificationException(new Dictionary<string, string[]> { ["Idempotency-Key"] = ["It's wrong."] }));
        Assert.Equal("""{"type":"about:blank","title":"Bad Request","status":400,"detail":"The request is not valid; see errors.","errors":{"Idempotency-Key":["It's wrong."]}}""", body);
    }

    [Fact]
    public async Task An_unexpected_one_tells_the_id_of_the_log_entry_and_nothing_of_itself()
    {
        var (http, body) = await Handle(new InvalidOperationException("secret"));
        Assert.Equal(500, http.Response.StatusCode);
        Assert.Contains("it was written to the log under ", body);
        Assert.DoesNotContain("secret", body);
        Assert.DoesNotContain("InvalidOperation", body);
    }

    [Fact]
    public async Task A_client_that_has_gone_gets_no_answer() => Assert.Equal("", (await Handle(new ConnectionResetException("gone"))).Body);

    private static async Task<(HttpContext Http, string Body)> Handle(Exception exception)
    {
        await using var services = new ServiceCollection().AddLogging().BuildServiceProvider();
        using var body = new MemoryStream();
        var http = new DefaultHttpContext { RequestServices = services, Response = { Body = body } };
        Assert.True(await new ProblemExceptionHandler(NullLogger<ProblemExceptionHandler>.Instance).TryHandleAsync(http, exception, CancellationToken.None));
        return (http, Encoding.UTF8.GetString(body.ToArray()));
    }
}
