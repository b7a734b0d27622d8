using System.Diagnostics;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace OrleansInbox.Tests.ClientApi;

public sealed class ShutdownTests
{
    [Fact]
    public async Task When_asked_to_stop_a_server_is_not_ready_ends_its_streams_and_is_gone_in_time()
    {
        await using var server = await ApiServer.Start(redis: null);
        using var stream = await server.User("ann").GetAsync("/v1/users/me/stream", HttpCompletionOption.ResponseHeadersRead);
        using var ready = new HttpRequestMessage(HttpMethod.Get, "/health/ready");
        var http = server.Client();
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync("/health/ready")).StatusCode);

        server.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication(); // as SIGTERM does; nothing has stopped yet
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await http.SendAsync(ready)).StatusCode);
        Assert.Contains("retry:", await stream.Content.ReadAsStringAsync()); // to its end

        var began = Stopwatch.GetTimestamp();
        await server.DisposeAsync();
        Assert.InRange(Stopwatch.GetElapsedTime(began).TotalSeconds, 0, 12);
    }
}
