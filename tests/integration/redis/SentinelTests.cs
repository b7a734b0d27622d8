using System.Net;
using OrleansInbox.Tests.ClientApi;
using OrleansInbox.Tests.Deployment;

namespace OrleansInbox.Tests.Redis;

/// <summary>Where <c>serviceName</c> names a master that sentinels know.</summary>
public sealed class SentinelTests
{
    [Fact]
    public async Task A_server_waits_for_the_sentinel_and_goes_on_with_the_replica_that_it_promotes()
    {
        var port = FreePort.Next();
        var starting = ApiServer.Start($"127.0.0.1:{port},serviceName={RedisSentinel.Service}");
        await using var redis = await RedisSentinel.Start(port);
        await using var server = await starting;
        var publisher = server.Publisher();
        using var live = await EventReader.Open(publisher, ApiFixture.Path("ann", "stream"));
        Assert.Equal("ready", (await live.Next())!.Value.Name);
        for (var i = 0; i < 3; i++) await Published(live, publisher);
        await RedisCluster.CutOff(redis.Master, redis.Replica);
        await Published(live, publisher); // lost
        await redis.Master.Kill();
        redis.Replica.Thaw();

        await redis.Sentinel.Ask("SENTINEL", "FAILOVER", RedisSentinel.Service);
        await Eventually.Is(async () => await Publish(publisher) == HttpStatusCode.Created, "the replica to take a publish");
        var names = new List<string>();
        while (live.LastId!.EndsWith("-4", StringComparison.Ordinal)) names.Add((await live.Next())!.Value.Name);
        Assert.Contains("reset", names);
        Assert.True(NotificationId.TryParse(live.LastId!, out var next) && next.Seq > 4, live.LastId);
    }

    private static async Task<HttpStatusCode> Publish(HttpClient publisher)
    {
        using var answer = await publisher.PostAsync(ApiFixture.Path("ann"), ApiFixture.Json("""{"type":"t","title":"T"}"""));
        return answer.StatusCode;
    }

    private static async Task Published(EventReader live, HttpClient publisher)
    {
        Assert.Equal(HttpStatusCode.Created, await Publish(publisher));
        Assert.Equal("added", (await live.Next())!.Value.Name);
    }
}
