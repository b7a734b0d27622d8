using System.Net;
using Microsoft.Extensions.Configuration;
using OrleansInbox.ClientApi;
using OrleansInbox.ClientApi.Access;
using OrleansInbox.ClientApi.Endpoints;

namespace OrleansInbox.Tests.ClientApi;

/// <summary>Rates, origins and secrets: servers of their own, each with its settings.</summary>
public sealed class LimitTests
{
    [Fact]
    public async Task Above_the_rate_the_answer_is_429_and_other_callers_are_not_touched()
    {
        await using var server = await ApiServer.Start(redis: null, settings: ["RateLimit:UserPerSecond=1", "RateLimit:UserBurst=3"]);
        var ann = server.User("ann");
        HttpResponseMessage response;
        do
        {
            response = await ann.GetAsync("/v1/users/me/counts");
        }
        while (response.StatusCode == HttpStatusCode.OK); // the bucket fills by one a second, and is emptied faster
        Assert.Equal(HttpStatusCode.TooManyRequests, response.StatusCode);
        Assert.InRange(response.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 5);
        Assert.Equal(HttpStatusCode.OK, (await server.User("bob").GetAsync("/v1/users/me/counts")).StatusCode);
        for (var i = 0; i < 10; i++) Assert.Equal(HttpStatusCode.OK, (await server.Publisher().GetAsync("/v1/users/ann/counts")).StatusCode);
    }

    [Fact]
    public void Unless_it_is_turned_off_a_user_has_a_generous_limit_and_a_publisher_none()
    {
        var time = new FakeTime();
        var limits = new RateLimits(RateLimitOptions.Read(new SettingsReader(new ConfigurationBuilder().Build())), time);
        var (user, publisher) = (new Caller("default", "ann", false, "user ann"), new Caller("default", null, true, "publisher"));
        for (var i = 0; i < 200; i++) Assert.Null(limits.Refuse(user));
        Assert.Equal(TimeSpan.FromSeconds(1), limits.Refuse(user));
        time.Advance(TimeSpan.FromSeconds(1));
        for (var i = 0; i < 50; i++) Assert.Null(limits.Refuse(user));
        Assert.NotNull(limits.Refuse(user));
        for (var i = 0; i < 10_000; i++) Assert.Null(limits.Refuse(publisher));

        var off = new RateLimits(RateLimitOptions.Read(new SettingsReader(new ConfigurationBuilder().AddInMemoryCollection([new("RateLimit:UserPerSecond", "0")]).Build())), time);
        for (var i = 0; i < 10_000; i++) Assert.Null(off.Refuse(user));
    }

    [Fact]
    public async Task Pages_of_other_origins_read_only_when_they_are_named()
    {
        await using var server = await ApiServer.Start(redis: null, settings: ["Cors:Origins:0=https://app.example"]);
        Assert.Equal("https://app.example", await Allowed("https://app.example"));
        Assert.Null(await Allowed("https://evil.example"));

        async Task<string?> Allowed(string origin)
        {
            const string headers = "authorization,baggage,cache-control,traceparent,x-request-id";
            using var preflight = new HttpRequestMessage(HttpMethod.Options, "/v1/users/me/notifications") { Headers = { { "Origin", origin }, { "Access-Control-Request-Method", "GET" }, { "Access-Control-Request-Headers", headers } } };
            using var plain = new HttpClient { BaseAddress = server.Address };
            var response = await plain.SendAsync(preflight);
            Assert.Equal(origin == "https://app.example" ? headers : null, response.Headers.TryGetValues("Access-Control-Allow-Headers", out var allowed) ? string.Join(',', allowed) : null);
            return response.Headers.TryGetValues("Access-Control-Allow-Origin", out var values) ? values.Single() : null;
        }
    }

    [Fact]
    public async Task A_token_reaches_neither_a_log_nor_a_trace()
    {
        using var heard = new EverythingHeard();
        await using var server = await ApiServer.Start(redis: null, log: heard, settings: ["Logging:LogLevel:Default=Trace", "Logging:LogLevel:Microsoft=Trace", "Logging:LogLevel:Microsoft.AspNetCore=Trace", "Logging:LogLevel:Microsoft.AspNetCore.Hosting.Diagnostics=Trace", "Logging:CaptureScopes=true", "Logging:Console:LogLevel:Default=None"]);
        var token = TestToken.For("ann");
        using (var stream = await server.Client().GetAsync($"/v1/users/me/stream?lastEventId=1-1&access%5Ftoken={token}", HttpCompletionOption.ResponseHeadersRead))
            Assert.Equal(HttpStatusCode.OK, stream.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await server.Client().GetAsync($"/v1/users/me/counts?access_token={token}")).StatusCode);
        foreach (var good in new[] { token, token[..^2] + "AA" })
        {
            _ = await server.Client(new("Bearer", good)).GetAsync("/v1/users/me/counts");
            _ = await server.Client(new("Bearer", good)).GetAsync($"/v1/users/me/stream?access_token={good}&access_token={good}#{good}");
            using var posted = ApiFixture.Json("{");
            _ = await server.Client(new("Bearer", good)).PostAsync($"/v1/users/me/notifications/read?ACCESS_TOKEN={good}", posted);
        }
        _ = await server.Publisher().GetAsync("/v1/users/ann/notifications/%zz");
        Assert.Contains("/v1/users/me/stream", heard.Text);
        Assert.DoesNotContain(token.Split('.')[1], heard.Text);
        Assert.DoesNotContain(token[^40..^2], heard.Text);
        Assert.DoesNotContain(ApiServer.PublisherKey, heard.Text);
    }
}
