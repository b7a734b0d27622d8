using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using StackExchange.Redis;

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

    [Fact]
    public async Task A_full_Redis_and_a_replica_are_not_ready_though_they_answer()
    {
        await using var redis = await RedisServer.Start();
        await using var admin = await ConnectionMultiplexer.ConnectAsync(redis.Address + ",allowAdmin=true");
        await using var server = await ApiServer.Start(redis.Address);
        var http = server.Client();
        Assert.Equal(200, (await Get(http, "/health/ready")).Status);

        await admin.GetServers()[0].ConfigSetAsync("maxmemory", "1");
        await Eventually.Is(async () => await Get(http, "/health/ready") == NotReady("Storage does not accept writes."), "the full Redis to be found");
        await admin.GetServers()[0].ConfigSetAsync("maxmemory", "0");
        await Eventually.Is(async () => (await Get(http, "/health/ready")).Status == 200, "it to be ready again");
        await admin.GetDatabase().ExecuteAsync("REPLICAOF", "127.0.0.1", "1");
        await Eventually.Is(async () => await Get(http, "/health/ready") == NotReady("Storage does not accept writes."), "the replica to be found");
    }

    [Fact]
    public async Task A_Redis_that_may_lose_what_was_acknowledged_is_warned_of_once_for_each_setting()
    {
        await using var redis = await RedisServer.Start();
        await using var admin = await ConnectionMultiplexer.ConnectAsync(redis.Address + ",allowAdmin=true");
        await admin.GetServers()[0].ConfigSetAsync("maxmemory-policy", "allkeys-lru");
        await admin.GetServers()[0].ConfigSetAsync("appendonly", "no");
        using var heard = new EverythingHeard();
        await using var server = await ApiServer.Start(redis.Address, log: heard, settings: "Storage:AllowUnsafe=true");

        await Eventually.Is(() => Task.FromResult(heard.Text.Contains("append-only file", StringComparison.Ordinal)), "the second warning");
        Assert.Equal(2, heard.Text.Split("maxmemory-policy allkeys-lru").Length);
        Assert.Equal(2, heard.Text.Split("Redis has no append-only file").Length);
        var (status, type, body) = await Get(server.Client(), "/health/ready");
        Assert.Equal((200, "application/json"), (status, type));
        Assert.StartsWith("""{"status":"ready","warnings":["Redis has maxmemory-policy allkeys-lru""", body, StringComparison.Ordinal);
        Assert.Contains("Redis has no append-only file", body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("removed"), InlineData("replaced"), InlineData("without its log")]
    public async Task A_file_that_is_gone_under_a_running_server_takes_no_more_writes(string how)
    {
        var folder = Directory.CreateTempSubdirectory("inbox-removed-");
        using var heard = new EverythingHeard();
        await using (var server = await ApiServer.Start(redis: null, log: heard, settings: $"Inbox:DataPath={folder.FullName}"))
        {
            var (http, publisher) = (server.Client(), server.Publisher());
            Assert.Equal(200, (await Get(http, "/health/ready")).Status);
            Assert.Equal(HttpStatusCode.Created, await Publish());
            var file = Path.Combine(folder.FullName, "inbox.db");
            if (how == "replaced")
            {
                File.Copy(file, file + "2");
                File.Move(file + "2", file, overwrite: true);
            }
            else foreach (var gone in folder.GetFiles(how == "removed" ? "inbox.db*" : "inbox.db-wal")) gone.Delete();

            await Eventually.Is(async () => await Publish() == HttpStatusCode.ServiceUnavailable, "a publish to be refused");
            await Eventually.Is(async () => await Get(http, "/health/ready") == NotReady("Storage does not accept writes."), "the loss to be found");
            Assert.Equal(HttpStatusCode.ServiceUnavailable, await Publish());
            Assert.Equal(2, heard.Text.Split("was removed or replaced while it is in use. Nothing more is written").Length);

            async Task<HttpStatusCode> Publish() => (await publisher.PostAsync(ApiFixture.Path("ann"), ApiFixture.Json("""{"type":"t","title":"T"}"""))).StatusCode;
        }
        folder.Delete(recursive: true);
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
