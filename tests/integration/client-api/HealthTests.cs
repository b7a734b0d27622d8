using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace OrleansInbox.Tests.ClientApi;

/// <summary>What an orchestrator asks a front-end, and what it is told, to the byte.</summary>
public sealed class HealthTests
{
    [Fact]
    public async Task A_server_is_live_always_and_ready_while_storage_answers_and_nobody_has_asked_it_to_stop()
    {
        await using var redis = await RedisServer.Start();
        await using var server = await ApiServer.Start(redis.Address);
        var http = server.Client();
        Assert.Equal((200, "application/json", """{"status":"live"}"""), await Get(http, "/health/live"));
        Assert.Equal((200, "application/json", """{"status":"ready"}"""), await Get(http, "/health/ready"));

        await redis.Kill();
        await Eventually.Is(async () => await Get(http, "/health/ready") == NotReady("Storage does not answer."), "storage to be the reason");
        Assert.Equal(200, (await Get(http, "/health/live")).Status);

        server.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication(); // as SIGTERM does; nothing has stopped yet
        Assert.Equal(NotReady("The server is stopping."), await Get(http, "/health/ready"));
    }

    private static (int, string, string) NotReady(string detail) =>
        (503, "application/problem+json", $$"""{"type":"about:blank","title":"Service Unavailable","status":503,"detail":"{{detail}}"}""");

    private static async Task<(int Status, string Type, string Body)> Get(HttpClient http, string path)
    {
        using var answer = await http.GetAsync(path);
        Assert.True(answer.Headers.CacheControl!.NoStore);
        Assert.False(answer.Headers.CacheControl.NoCache);
        Assert.Equal(answer.StatusCode == HttpStatusCode.OK ? null : TimeSpan.FromSeconds(2), answer.Headers.RetryAfter?.Delta);
        return ((int)answer.StatusCode, answer.Content.Headers.ContentType!.ToString(), await answer.Content.ReadAsStringAsync());
    }
}
