using System.Net;
using OrleansInbox.Tests.ClientApi;
using OrleansInbox.Tests.Deployment;

namespace OrleansInbox.Tests.Redis;

/// <summary>Where <c>serviceName</c> names a master that sentinels know.</summary>
public sealed class SentinelTests
{
    [Fact]
    public async Task Service_goes_on_after_a_failover_and_who_saw_what_was_lost_loads_anew()
    {
        await using var redis = await RedisSentinel.Start();
        await using var server = await ApiServer.Start(redis.Address);
        var publisher = server.Publisher();
        using var live = await EventReader.Open(publisher, ApiFixture.Path("ann", "stream"));
        Assert.Equal("ready", (await live.Next())!.Value.Name);
        for (var i = 0; i < 3; i++) await Published(live, publisher);

        await redis.Sentinel.Ask("SENTINEL", "FAILOVER", RedisSentinel.Service);
        await Eventually.Is(async () => (await redis.Replica.Ask("INFO", "replication")).Contains("role:master", StringComparison.Ordinal), "the replica to be the master");
        await Eventually.Is(async () => (await redis.Master.Ask("INFO", "replication")).Contains("master_link_status:up", StringComparison.Ordinal), "the first one to be a replica"); // until then it takes writes, and drops them
        await Eventually.Is(async () => await Publish(publisher) == HttpStatusCode.Created, "a publish to be taken");
        Assert.Equal("added", (await live.Next())!.Value.Name); // nothing was lost: nobody is told to load anew
        Assert.Equal(4, NotificationId.TryParse(live.LastId!, out var fourth) ? fourth.Seq : 0);

        await RedisCluster.CutOff(redis.Replica, redis.Master);
        await Published(live, publisher);
        var lost = live.LastId!;
        await redis.Replica.Kill();
        redis.Master.Thaw();
        await Eventually.Is(async () => await Publish(publisher) == HttpStatusCode.Created, "the sentinel to have found another master");
        string name;
        do name = (await live.Next())!.Value.Name;
        while (name != "reset");
        while (live.LastId == lost) await live.Next();
        Assert.True(NotificationId.TryParse(live.LastId!, out var next) && next.Seq > 6, $"{live.LastId} after {lost}");
    }

    [Fact]
    public async Task A_server_that_is_started_before_the_sentinel_waits_for_it()
    {
        var port = FreePort.Next();
        var starting = ApiServer.Start($"127.0.0.1:{port},serviceName={RedisSentinel.Service}");
        await using var redis = await RedisSentinel.Start(port);
        await using var server = await starting;
        Assert.Equal(HttpStatusCode.Created, await Publish(server.Publisher()));
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
