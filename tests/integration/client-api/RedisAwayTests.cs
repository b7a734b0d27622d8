using System.Diagnostics;
using System.Net;

namespace OrleansInbox.Tests.ClientApi;

/// <summary>Redis ends while the server runs, and comes back.</summary>
public sealed class RedisAwayTests
{
    [Fact]
    public async Task Without_Redis_answers_are_503_within_5_seconds_and_it_goes_on_by_itself()
    {
        await using var redis = await RedisServer.Start("always");
        await using var server = await ApiServer.Start(redis.Address);
        var publisher = server.Publisher();
        Assert.Equal(HttpStatusCode.Created, await Publish("before"));

        await redis.Kill();
        foreach (var key in new[] { "away-1", "away-2" })
        {
            var began = Stopwatch.GetTimestamp();
            using var request = Request(key);
            var response = await publisher.SendAsync(request);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
            Assert.InRange(response.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 5);
            Assert.InRange(Stopwatch.GetElapsedTime(began).TotalSeconds, 0, 5);
        }
        await Until(async () => (await server.Client().GetAsync("/health/ready")).StatusCode == HttpStatusCode.ServiceUnavailable, "/health/ready to say no");
        Assert.Equal(HttpStatusCode.OK, (await server.Client().GetAsync("/health/live")).StatusCode);

        await redis.Start();
        await Until(async () => await Publish("away-1") is HttpStatusCode.Created or HttpStatusCode.OK, "a publish to be taken again");
        await Until(async () => (await server.Client().GetAsync("/health/ready")).IsSuccessStatusCode, "/health/ready to say yes");
        var page = await ApiFixture.Body(await publisher.GetAsync("/v1/users/ann/notifications"));
        Assert.InRange(page["items"]!.AsArray().Count, 2, 3); // away-2 was never repeated, and may have been taken

        async Task<HttpStatusCode> Publish(string key)
        {
            using var request = Request(key);
            return (await publisher.SendAsync(request)).StatusCode;
        }
    }

    private static HttpRequestMessage Request(string key) =>
        new(HttpMethod.Post, "/v1/users/ann/notifications") { Content = ApiFixture.Json("""{"type":"t","title":"T"}"""), Headers = { { "Idempotency-Key", key } } };

    private static async Task Until(Func<Task<bool>> condition, string what)
    {
        for (var began = Stopwatch.GetTimestamp(); !await condition(); await Task.Delay(50)) // a real Redis: asked again, with a deadline
            if (Stopwatch.GetElapsedTime(began) > TimeSpan.FromSeconds(20)) throw new TimeoutException($"Waited 20 s for {what}.");
    }
}
