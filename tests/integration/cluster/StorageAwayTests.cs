using System.Net;
using OrleansInbox.ClientApi.Endpoints;

namespace OrleansInbox.Tests.Cluster;

/// <summary>What a silo finds out about storage has to reach the caller of a front-end elsewhere.</summary>
public sealed class StorageAwayTests
{
    [Fact]
    public async Task Storage_that_is_away_is_a_503_through_the_client_too()
    {
        await using var cluster = await ClusterFixture.Open();
        await cluster.Silo();
        var client = new InboxClient(await cluster.StartFrontEnd());
        await Eventually.Is(async () => await client.Status("/health/ready") == HttpStatusCode.OK, "the front-end to reach the silo");
        await client.Publish("ann");
        await cluster.Redis.Kill();
        foreach (var user in new[] { "ann", "bob" }) // one in memory, one that has to be loaded
        {
            using var answer = await client.Post(user, "while away");
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
            Assert.NotNull(answer.Headers.RetryAfter);
        }
        await cluster.Redis.Start();
        await Eventually.Is(async () =>
        {
            using var answer = await client.Post("ann", "after");
            return answer.StatusCode == HttpStatusCode.Created;
        }, "storage to be back");
        Assert.Equal("hello", (await client.All("ann"))[0].Title);
    }
}
