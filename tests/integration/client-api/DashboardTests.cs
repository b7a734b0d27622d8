using System.Net.Http.Headers;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OrleansInbox.ClientApi.Development;

namespace OrleansInbox.Tests.ClientApi;

/// <summary>Orleans' dashboard: where it is, and who may look at it.</summary>
public sealed class DashboardTests
{
    private const string On = "Cluster:Dashboard=true";

    [Fact]
    public async Task It_is_off_outside_Development_and_nothing_of_it_is_registered()
    {
        await using var server = await ApiServer.Start(redis: null);

        Assert.Equal(404, await Status(server, Key(ApiServer.PublisherKey), "/dashboard/"));
        Assert.DoesNotContain(server.Services.GetServices<IHostedService>(), IsDashboards);
        Assert.DoesNotContain(server.Services.GetServices<IIncomingGrainCallFilter>(), IsDashboards);
    }

    [Fact]
    public async Task Switched_on_it_is_for_publishers()
    {
        await using var server = await ApiServer.Start(redis: null, settings: On);

        var nobody = await Get(server, null, "/dashboard/");
        Assert.Equal(401, (int)nobody.StatusCode);
        Assert.Equal("application/problem+json", nobody.Content.Headers.ContentType!.MediaType);
        Assert.Equal(["Basic", "ApiKey", "Bearer"], nobody.Headers.WwwAuthenticate.Select(challenge => challenge.Scheme));
        Assert.Equal(401, await Status(server, Key("wrong"), "/dashboard/"));
        Assert.Equal(401, await Status(server, Basic("ops", "wrong"), "/dashboard/DashboardCounters"));
        Assert.Equal(401, await Status(server, new("Basic", "?"), "/dashboard/"));
        Assert.Equal(403, await Status(server, new("Bearer", TestToken.For("ann")), "/dashboard/DashboardCounters"));

        Assert.Equal(200, await Status(server, Key(ApiServer.PublisherKey), "/dashboard/"));
        Assert.Equal(200, await Status(server, Basic("", ApiServer.PublisherKey), "/dashboard/DashboardCounters"));
        Assert.Equal(200, await Status(server, Basic("ops", ApiServer.PublisherKey), "/dashboard/index.min.js"));
        Assert.Equal(200, await Status(server, new("Bearer", TestToken.For(sub: null, scope: "notifications:publish")), "/dashboard/"));
        Assert.Equal(401, await Status(server, Basic("ops", ApiServer.PublisherKey), "/v1/users/ann/counts")); // Basic is for the dashboard alone
    }

    [Fact]
    public async Task It_has_a_policy_of_its_own_and_shows_neither_the_state_of_grains_nor_the_log()
    {
        await using var server = await ApiServer.Start(redis: null, settings: On);

        var page = await Get(server, Key(ApiServer.PublisherKey), "/dashboard/");
        Assert.Contains("frame-ancestors 'none'", page.Headers.GetValues("Content-Security-Policy").Single());
        Assert.Contains("font-src 'self' data:", page.Headers.GetValues("Content-Security-Policy").Single());
        Assert.Contains("Orleans Dashboard", await page.Content.ReadAsStringAsync());
        Assert.Equal(404, await Status(server, Key(ApiServer.PublisherKey), "/dashboard/GrainState?grainId=default%2Fann&grainType=OrleansInbox.Inboxes.InboxGrain"));
        Assert.Equal(404, await Status(server, Key(ApiServer.PublisherKey), "/dashboard/grainstate"));
        Assert.Equal(404, await Status(server, Key(ApiServer.PublisherKey), "/dashboard/Trace"));
    }

    [Fact]
    public async Task In_Development_it_is_on_behind_the_key_that_is_printed()
    {
        await using var server = await ApiServer.Start(redis: null, environment: "Development", credentials: false);

        Assert.Equal(401, await Status(server, null, "/dashboard/")); // a proxy on this machine makes every request look local
        var key = server.Services.GetRequiredService<DevelopmentCredentials>().ApiKey;
        Assert.Equal(200, await Status(server, Basic("me", key), "/dashboard/"));
    }

    [Fact]
    public async Task In_Development_it_can_be_switched_off()
    {
        await using var server = await ApiServer.Start(redis: null, environment: "Development", credentials: false, settings: "Cluster:Dashboard=false");

        Assert.Equal(404, await Status(server, null, "/dashboard/"));
        Assert.DoesNotContain(server.Services.GetServices<IHostedService>(), IsDashboards);
    }

    [Fact]
    public async Task Of_processes_that_are_both_silo_and_front_end_each_shows_all()
    {
        await using var redis = await RedisServer.Start();
        await using var one = await CoHosted(redis);
        await using var other = await CoHosted(redis);

        foreach (var server in new[] { one, other })
            await Eventually.Is(async () =>
            {
                var counters = await Get(server, Key(ApiServer.PublisherKey), "/dashboard/DashboardCounters");
                return counters.IsSuccessStatusCode && (await ApiFixture.Body(counters))["totalActiveHostCount"]!.GetValue<int>() == 2;
            }, "the dashboard to show two silos");
    }

    private static Task<ApiServer> CoHosted(RedisServer redis) => ApiServer.Start(
        redis.Address, settings: [On, "Cluster:Role=CoHosted", "Cluster:AdvertisedAddress=127.0.0.1", $"Cluster:SiloPort={FreePort.Next()}", $"Cluster:GatewayPort={FreePort.Next()}"]);

    private static bool IsDashboards(object service) => service.GetType().Assembly == typeof(Orleans.Dashboard.DashboardOptions).Assembly;

    private static AuthenticationHeaderValue Basic(string user, string password) => new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}")));

    private static AuthenticationHeaderValue Key(string key) => new("ApiKey", key);

    private static async Task<int> Status(ApiServer server, AuthenticationHeaderValue? credentials, string path) => (int)(await Get(server, credentials, path)).StatusCode;

    /// <summary>Without the check against our contract: what answers here is Orleans'.</summary>
    private static async Task<HttpResponseMessage> Get(ApiServer server, AuthenticationHeaderValue? credentials, string path, string? host = null)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(server.Address, path)) { Headers = { Authorization = credentials, Host = host } };
        return await http.SendAsync(request);
    }
}
