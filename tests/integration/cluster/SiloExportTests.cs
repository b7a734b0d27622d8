using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using OrleansInbox.Tests.Deployment;
using OrleansInbox.Tests.Processes;

namespace OrleansInbox.Tests.Cluster;

/// <summary>A silo and a front-end as processes of their own, one trace over both.</summary>
public sealed class SiloExportTests
{
    private const string Trace = "0af7651916cd43dd8448eb211c80319c";
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task A_silo_exports_the_append_of_a_publish_and_the_front_end_its_delivery()
    {
        using var folder = new TemporaryFolder();
        await using var redis = await RedisServer.Start();
        await using var collector = await OtlpReceiver.Start();
        using var silo = StartSilo(redis, collector);
        try
        {
            var variables = new Dictionary<string, string>(collector.Variables) { ["OTEL_SERVICE_NAME"] = "inbox-front-end" };
            await using var server = await ServerProcess.Start(variables, folder.FullName, "--ConnectionStrings:Redis", redis.Address, "--Cluster:Role", "Client");
            using var http = server.Publisher();
            await Ready(http);
            using var events = await EventReader.Open(http, "v1/users/ann/stream");
            Assert.Equal("ready", (await events.Next())?.Name);

            var trace = System.Text.Encoding.Latin1.GetString(Convert.FromHexString(Trace));
            var delivered = collector.Got("/v1/traces", "inbox-front-end", "inbox.deliver", trace);
            do await Publish(http, events); // more than once: what comes before the subscription is known is read back, which is no delivery of that publish
            while (!delivered.IsCompleted);
            await delivered;
            await collector.Got("/v1/traces", "inbox-silo", "inbox.append", trace);
            await collector.Got("/v1/metrics", "inbox-silo", "inbox.appended", "inbox.activations");
            await collector.Got("/v1/metrics", "inbox-front-end", "inbox.delivered");
        }
        finally
        {
            silo.Kill();
            await silo.WaitForExitAsync();
        }
    }

    private static async Task Publish(HttpClient http, EventReader events)
    {
        using var publish = new HttpRequestMessage(HttpMethod.Post, "v1/users/ann/notifications") { Content = JsonContent.Create(new { type = "test.otlp", title = "over two processes" }) };
        publish.Headers.Add("traceparent", $"00-{Trace}-00f067aa0ba902b7-01");
        using var published = await http.SendAsync(publish);
        published.EnsureSuccessStatusCode();
        Assert.Equal("over two processes", await events.NextTitle());
    }

    private static Process StartSilo(RedisServer redis, OtlpReceiver collector)
    {
        var start = new ProcessStartInfo("dotnet",
        [
            Checkout.Program("OrleansInbox.Silo"), "--urls", "http://127.0.0.1:0", "--ConnectionStrings:Redis", redis.Address,
            "--Cluster:AdvertisedAddress", "127.0.0.1", $"--Cluster:SiloPort={FreePort.Next()}", $"--Cluster:GatewayPort={FreePort.Next()}",
        ]);
        foreach (var (name, value) in collector.Variables) start.Environment[name] = value;
        start.Environment["OTEL_SERVICE_NAME"] = "inbox-silo";
        return Process.Start(start)!;
    }

    private static async Task Ready(HttpClient http)
    {
        var waited = Stopwatch.StartNew();
        while (true)
        {
            using var answer = await http.GetAsync("health/ready");
            if (answer.IsSuccessStatusCode) return;
            if (waited.Elapsed > _patience) throw new TimeoutException($"Waited {_patience} for the front-end to reach the silo: {await answer.Content.ReadAsStringAsync()}");
            await Task.Delay(100); // another process: asked again, with a deadline
        }
    }
}
