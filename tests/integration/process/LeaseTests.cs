using System.Diagnostics;
using System.Globalization;
using System.Net;
using OrleansInbox.Tests.ClientApi;
using StackExchange.Redis;

namespace OrleansInbox.Tests.Processes;

/// <summary>Servers of one process each on one Redis: an overlapping deployment.</summary>
public sealed class LeaseTests : IAsyncLifetime, IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private RedisServer _redis = null!;

    public async Task InitializeAsync() => _redis = await RedisServer.Start();

    public async Task DisposeAsync() => await _redis.DisposeAsync();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_second_server_is_refused_and_the_first_goes_on()
    {
        await using var first = await Start();

        var (exitCode, output) = await ServerProcess.RunUntilShutdown(_folder.FullName, "Production", [.. ApiServer.Credentials(), $"--ConnectionStrings:Redis={_redis.Address}", "--Storage:WaitForOther=00:00:00.5"]);

        Assert.Equal(1, exitCode);
        Assert.Contains($"Another server (process {first.Id} on ", output, StringComparison.Ordinal);
        Assert.Contains("Waiting for it to end", output, StringComparison.Ordinal);
        Assert.Contains("Cluster:Role=CoHosted", output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Created, await Publish(first));
    }

    [Fact]
    public async Task The_second_server_waits_for_the_first_to_end_and_goes_on_from_there()
    {
        await using var first = await Start();
        Assert.Equal(HttpStatusCode.Created, await Publish(first));
        await using var second = ServerProcess.Begin(_folder.FullName, $"--ConnectionStrings:Redis={_redis.Address}");
        await Eventually.Is(() => Task.FromResult(second.Output.Contains("Waiting for it to end", StringComparison.Ordinal)), "the second server to wait");
        Assert.Equal(0, await first.Terminate(TimeSpan.FromSeconds(12)));
        await second.Listens();
        Assert.Equal(HttpStatusCode.Created, await Publish(second));
    }

    [Fact]
    public async Task A_killed_server_is_not_waited_for()
    {
        await using (var first = await Start())
        {
            Assert.Equal(HttpStatusCode.Created, await Publish(first));
            await first.Kill();
        }
        await using var redis = await ConnectionMultiplexer.ConnectAsync(_redis.Address);
        Assert.NotNull(await redis.GetDatabase().KeyTimeToLiveAsync("inbox:server")); // it is still its
        await using var second = await Start();
        Assert.DoesNotContain("Waiting for it", second.Output, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Created, await Publish(second));
    }

    [Fact]
    public async Task A_server_that_was_frozen_while_another_took_over_writes_nothing_and_ends()
    {
        await using var first = await Start();
        Assert.Equal(HttpStatusCode.Created, await Publish(first));
        Signal(first, "STOP");
        using var http = first.Publisher();
        http.Timeout = TimeSpan.FromMinutes(2);
        var waiting = new[] { ("notifications", """{"type":"t","title":"T"}"""), ("notifications/read", """{"all":true}""") }
            .Select(request => http.PostAsync($"v1/users/ann/{request.Item1}", ApiFixture.Json(request.Item2))).ToArray(); // in its socket
        await using var second = await Start(); // waits until the lease has run out
        Signal(first, "CONT");

        Assert.Equal(1, await first.Ended(TimeSpan.FromSeconds(20)));
        Assert.Contains($"Another server (process {second.Id} on ", first.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", first.Output, StringComparison.Ordinal);
        foreach (var request in waiting) Assert.False(await Succeeds(request));
        await using (var redis = await ConnectionMultiplexer.ConnectAsync(_redis.Address))
        {
            Assert.Equal(1, await redis.GetDatabase().StreamLengthAsync("inbox:{default/ann}:log"));
            Assert.False(await redis.GetDatabase().KeyExistsAsync("inbox:{default/ann}:marks"));
        }
        Assert.Equal(HttpStatusCode.Created, await Publish(second));
        using var publisher = second.Publisher();
        Assert.Contains("\"unread\":2,\"unseen\":2,\"total\":2,", await publisher.GetStringAsync("v1/users/ann/counts"), StringComparison.Ordinal);
    }

    private Task<ServerProcess> Start() => ServerProcess.Start(_folder.FullName, $"--ConnectionStrings:Redis={_redis.Address}");

    private static async Task<HttpStatusCode> Publish(ServerProcess server)
    {
        using var http = server.Publisher();
        using var answer = await http.PostAsync("v1/users/ann/notifications", ApiFixture.Json("""{"type":"t","title":"T"}"""));
        return answer.StatusCode;
    }

    private static async Task<bool> Succeeds(Task<HttpResponseMessage> request)
    {
        try
        {
            using var answer = await request;
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false; // it ended first
        }
    }

    private static void Signal(ServerProcess server, string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", server.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }
}
