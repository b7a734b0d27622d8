using System.Net;
using System.Net.Http.Json;
using System.Text;
using OrleansInbox.Tests.Processes;

namespace OrleansInbox.Tests.Deployment;

public sealed class OtlpExportTests
{
    private const string Trace = "4bf92f3577b34da6a3ce929d0e0e4736";

    [Fact]
    public async Task Metrics_and_traces_of_a_publish_and_its_delivery_reach_a_collector()
    {
        using var folder = new TemporaryFolder();
        await using var collector = await OtlpReceiver.Start();
        await using var server = await ServerProcess.Start(collector.Variables, folder.FullName);
        using var http = server.Publisher();
        using var stream = await http.GetAsync("v1/users/ann/stream", HttpCompletionOption.ResponseHeadersRead);
        stream.EnsureSuccessStatusCode();
        using var events = new StreamReader(await stream.Content.ReadAsStreamAsync());
        while (await events.ReadLineAsync() is { } line && line != "event: ready") { }

        using var publish = new HttpRequestMessage(HttpMethod.Post, "v1/users/ann/notifications") { Content = JsonContent.Create(new { type = "test.otlp", title = "Seen by a collector" }) };
        publish.Headers.Add("traceparent", $"00-{Trace}-00f067aa0ba902b7-01");
        using var published = await http.SendAsync(publish);
        published.EnsureSuccessStatusCode();
        while (await events.ReadLineAsync() is { } line && line != "event: added") { }

        var trace = Encoding.Latin1.GetString(Convert.FromHexString(Trace)); // as protobuf holds it
        await collector.Got("/v1/traces", "orleans-inbox", "Microsoft.AspNetCore", trace);
        await collector.Got("/v1/traces", "orleans-inbox", "OrleansInbox", "inbox.append", trace);
        await collector.Got("/v1/traces", "OrleansInbox", "inbox.deliver", trace); // links to it
        await collector.Got("/v1/metrics", "orleans-inbox", "OrleansInbox", "inbox.appended", "inbox.append.duration", "inbox.delivered",
            "inbox.delivery.duration", "inbox.live.connections", "inbox.activations", "http.server.request.duration", "dotnet.process.cpu.time", "dotnet.process.memory.working_set");
    }

    [Fact]
    public async Task The_span_of_a_request_with_a_token_in_its_URL_has_no_token()
    {
        const string Token = "not-to-be-exported";
        using var folder = new TemporaryFolder();
        await using var collector = await OtlpReceiver.Start();
        await using var server = await ServerProcess.Start(collector.Variables, folder.FullName);
        using var http = new HttpClient { BaseAddress = server.Url };
        using var refused = await http.GetAsync($"v1/users/ann/stream?lastEventId=1-1&access_token={Token}");
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);

        await collector.Got("/v1/traces", "Microsoft.AspNetCore", "/v1/users/{user}/stream", "url.query");
        Assert.False(collector.Has(Token));
    }
}
