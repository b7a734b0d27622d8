using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using OrleansInbox.Tests.Processes;

namespace OrleansInbox.Tests.Deployment;

/// <summary>
/// Two front-ends behind nginx. Each has its own silo here, so that it runs without a cluster: they share nothing but Redis, and the inbox is used through one
/// of them at a time.
/// </summary>
public sealed class NginxTests
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Events_come_at_once_a_stream_resumes_at_the_other_front_end_and_no_log_has_the_token()
    {
        using var folder = new TemporaryFolder();
        await using var redis = await RedisServer.Start();
        using var reserved = NginxServer.Reserve();
        var second = ((IPEndPoint)reserved.LocalEndPoint!).Port;
        await using var one = await FrontEnd(folder, redis, 0);
        await using var nginx = await NginxServer.Start(one.Url.Port, second);
        using var publisher = new HttpClient { BaseAddress = nginx.Url };
        publisher.DefaultRequestHeaders.Authorization = new("ApiKey", one.ApiKey);
        using var browser = new HttpClient { BaseAddress = nginx.Url };
        var token = await Token(one);

        // The second one is not there: nginx goes to the first, with a POST too, as long as nothing of it was sent.
        using var stream = await EventReader.Open(browser, $"v1/users/me/stream?access_token={token}");
        Assert.Equal("ready", (await stream.Next())?.Name);
        foreach (var title in (string[])["1", "2", "3"])
        {
            await Publish(publisher, title);
            Assert.Equal(title, await stream.NextTitle());
        }

        await using var two = ServerProcess.Begin(folder.FullName, Arguments(redis, second)); // it waits for the first to end
        await one.Terminate(TimeSpan.FromSeconds(12));
        await two.Listens();
        Assert.Null(await stream.Next()); // ended, not cut
        Assert.True(stream.ToldToRetry);
        await Publish(publisher, "4");
        await Publish(publisher, "5");

        using var resumed = await EventReader.Open(browser, $"v1/users/me/stream?access_token={token}", stream.LastId);
        Assert.Equal("4", await resumed.NextTitle());
        Assert.Equal("5", await resumed.NextTitle());
        var ready = await resumed.Next();
        Assert.True(ready is { Name: "ready" } && ready.Value.Data.GetProperty("resumed").GetBoolean());
        await Publish(publisher, "6");
        Assert.Equal("6", await resumed.NextTitle());
        Assert.EndsWith("-6", resumed.LastId, StringComparison.Ordinal);

        // Both gone: what nginx says of a stream that it cannot get is the most talkative of its errors.
        await two.Terminate(TimeSpan.FromSeconds(12));
        using var refused = await browser.GetAsync($"v1/users/me/stream?access_token={token}");
        Assert.Equal(HttpStatusCode.BadGateway, refused.StatusCode);
        Assert.Contains("/v1/users/me/stream", nginx.Logs, StringComparison.Ordinal);
        Assert.DoesNotContain(token, nginx.Logs, StringComparison.Ordinal);
        Assert.DoesNotContain("access_token", nginx.Logs, StringComparison.Ordinal);
    }

    private static Task<ServerProcess> FrontEnd(TemporaryFolder folder, RedisServer redis, int port) =>
        ServerProcess.Start(folder.FullName, Arguments(redis, port));

    private static string[] Arguments(RedisServer redis, int port) =>
        ["--urls", string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}"), "--ConnectionStrings:Redis", redis.Address];

    private static Task<string> Token(ServerProcess server) => server.Token("ann/and bob");

    /// <summary>As a publisher has to: again with its key, while nginx has not found out yet who is there.</summary>
    private static async Task Publish(HttpClient publisher, string title)
    {
        var waited = Stopwatch.StartNew();
        while (true)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "v1/users/ann%2Fand%20bob/notifications") { Content = JsonContent.Create(new { type = "test.nginx", title }) };
            request.Headers.Add("Idempotency-Key", title);
            using var answer = await publisher.SendAsync(request);
            if (answer.StatusCode != HttpStatusCode.BadGateway || waited.Elapsed > _patience)
            {
                answer.EnsureSuccessStatusCode();
                return;
            }
            await Task.Delay(50); // another process: asked again, with a deadline
        }
    }
}
