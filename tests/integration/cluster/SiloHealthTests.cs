using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;

namespace OrleansInbox.Tests.Cluster;

/// <summary>What an orchestrator asks a silo, and what it is told.</summary>
public sealed class SiloHealthTests
{
    [Fact]
    public async Task A_silo_is_ready_while_storage_answers_and_nobody_has_asked_it_to_stop()
    {
        await using var cluster = await ClusterFixture.Open();
        var silo = await cluster.Silo();
        using var http = new HttpClient { BaseAddress = new Uri(silo.Urls.First()) };
        Assert.Equal("""{"status":"live"}""", await http.GetStringAsync("/health/live"));
        Assert.Equal("""{"status":"ready"}""", await http.GetStringAsync("/health/ready"));
        using (var posted = await http.PostAsync("/health/live", null)) Assert.Equal(HttpStatusCode.MethodNotAllowed, posted.StatusCode);

        await cluster.Redis.Kill();
        await Eventually.Is(async () => await Refusal(http) == "Storage does not answer.", "storage to be the reason");
        Assert.Equal("""{"status":"live"}""", await http.GetStringAsync("/health/live"));

        silo.Lifetime.StopApplication(); // as SIGTERM does; nothing has stopped yet
        Assert.Equal("The silo is stopping.", await Refusal(http));
        await cluster.Redis.Start(); // or the silo could not leave the cluster
    }

    /// <summary>Null when it is ready.</summary>
    private static async Task<string?> Refusal(HttpClient http)
    {
        using var answer = await http.GetAsync("/health/ready");
        if (answer.IsSuccessStatusCode) return null;
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal(TimeSpan.FromSeconds(2), answer.Headers.RetryAfter?.Delta);
        var problem = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
        Assert.Equal(503, problem["status"]!.GetValue<int>());
        return problem["detail"]!.GetValue<string>();
    }
}
