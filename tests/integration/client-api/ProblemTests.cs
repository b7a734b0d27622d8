using System.Net;

namespace OrleansInbox.Tests.ClientApi;

/// <summary>What is not an endpoint, what an endpoint does not do, and that the document tells the truth.</summary>
[Collection(SqliteApi.Name)]
public sealed class ProblemTests(SqliteApi api)
{
    [Theory]
    [InlineData("GET", "/nowhere", 404)]
    [InlineData("GET", "/v1/users/ann", 405)]
    [InlineData("GET", "/v1/users/ann/", 405)]
    [InlineData("GET", "/v1/users/ann/notifications/1-1/x", 404)]
    [InlineData("PUT", "/v1/users/ann/notifications", 405)]
    [InlineData("POST", "/v1/users/ann/counts", 405)]
    [InlineData("DELETE", "/health/live", 405)]
    public async Task Every_refusal_is_a_problem(string method, string path, int status)
    {
        using var request = new HttpRequestMessage(new(method), path);
        var response = await api.Publisher.SendAsync(request);
        Assert.Equal(status, (int)response.StatusCode);
        var problem = await ApiFixture.Body(response);
        Assert.Equal(status, problem["status"]!.GetValue<int>());
        Assert.NotEmpty(problem["title"]!.GetValue<string>());
        Assert.NotEmpty(problem["detail"]!.GetValue<string>());
        if (status == 405) Assert.NotEmpty(response.Content.Headers.Allow);
    }

    [Fact]
    public async Task Every_operation_of_the_document_exists()
    {
        foreach (var (path, method) in api.Server.Contract.Operations)
        {
            using var request = new HttpRequestMessage(new(method), path.Replace("{user}", "nobody", StringComparison.Ordinal).Replace("{id}", "1-1", StringComparison.Ordinal));
            using var response = await api.Server.Client().SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            Assert.Equal(path.StartsWith("/v1", StringComparison.Ordinal) ? HttpStatusCode.Unauthorized : HttpStatusCode.OK, response.StatusCode);
        }
    }

    [Fact]
    public async Task The_server_does_not_say_what_it_is_and_its_pages_are_fenced()
    {
        var response = await api.Server.Client().GetAsync("/health/ready");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.False(response.Headers.Contains("Server"));
        Assert.Contains("frame-ancestors 'none'", response.Headers.GetValues("Content-Security-Policy").Single());
        Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Equal("no-referrer", response.Headers.GetValues("Referrer-Policy").Single());
    }

    [Fact]
    public async Task A_refused_request_is_no_error_in_the_log()
    {
        using var heard = new EverythingHeard();
        await using var server = await ApiServer.Start(redis: null, log: heard, settings: ["Logging:LogLevel:Microsoft=Warning", "Logging:Console:LogLevel:Default=None"]);
        using var body = ApiFixture.Json("""{"type":"","title":"T"}""");
        Assert.Equal(HttpStatusCode.BadRequest, (await server.Publisher().PostAsync(ApiFixture.Path("ann"), body)).StatusCode);
        Assert.DoesNotContain("Exception", heard.Text);
    }

    [Fact]
    public async Task Production_has_no_development_endpoints() =>
        Assert.Equal(HttpStatusCode.NotFound, (await api.Server.Client().PostAsync("/dev/token?user=ann", null)).StatusCode);

    [Fact]
    public async Task Headers_have_limits()
    {
        using var plain = new HttpClient { BaseAddress = api.Server.Address };
        plain.DefaultRequestHeaders.Add("X-Long", new string('x', 20_000));
        Assert.Equal(HttpStatusCode.RequestHeaderFieldsTooLarge, (await plain.GetAsync("/health/live")).StatusCode);
    }
}
