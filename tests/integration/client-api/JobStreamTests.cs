using System.Net;
using OrleansInbox.Tests.Grains.Storage;
using StackExchange.Redis;

namespace OrleansInbox.Tests.ClientApi;

/// <summary>Streams of a job that goes on for as long as a test wants: in the place of a subscriber's log there is something else.</summary>
public sealed class JobStreamTests(RedisFixture redis) : IClassFixture<RedisFixture>, IAsyncLifetime
{
    private const int _most = 100;

    private readonly DatedServer _server = DatedServer.Start(DateTimeOffset.UtcNow, $"ConnectionStrings:Redis={redis.Address}");
    private readonly string _user = ApiFixture.NewUser();
    private ConnectionMultiplexer _connection = null!;
    private string _job = "";

    private RedisKey Log => $"inbox:{{default/{_user}}}:log";

    private string Path => $"/v1/jobs/{_job}/stream";

    public async Task InitializeAsync()
    {
        _connection = await ConnectionMultiplexer.ConnectAsync(redis.Address);
        await _connection.GetDatabase().StringSetAsync(Log, "something else");
        using var publisher = _server.Publisher();
        var topic = "/v1/topics/" + ApiFixture.NewUser();
        (await publisher.PutAsync($"{topic}/subscribers/{_user}", null)).EnsureSuccessStatusCode();
        _job = (string)(await ApiFixture.Body(await publisher.PostAsync(topic + "/notifications", ApiFixture.Json("""{"type":"t","title":"T"}"""))))["job"]!;
    }

    public async Task DisposeAsync()
    {
        await _connection.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task It_ends_with_the_token()
    {
        using var publisher = _server.Publisher();
        var claims = TestToken.Claims(sub: null, scope: "notifications:publish");
        publisher.DefaultRequestHeaders.Authorization = new("Bearer", TestToken.Sign(claims));
        using var stream = await publisher.GetAsync(Path, HttpCompletionOption.ResponseHeadersRead);
        _server.Time.Leap(TimeSpan.FromHours(2));
        Assert.Equal(Running, await stream.Content.ReadAsStringAsync()); // to its end
        Assert.Equal(HttpStatusCode.Unauthorized, (await publisher.GetAsync(Path)).StatusCode);
    }

    [Fact]
    public async Task There_is_a_bound_and_who_leaves_makes_room()
    {
        using var publisher = _server.Publisher();
        var streams = await Task.WhenAll(Enumerable.Range(0, _most).Select(_ => publisher.GetAsync(Path, HttpCompletionOption.ResponseHeadersRead)));
        Assert.All(streams, stream => Assert.Equal(HttpStatusCode.OK, stream.StatusCode));
        using (var refused = await publisher.GetAsync(Path, HttpCompletionOption.ResponseHeadersRead))
            Assert.Equal((HttpStatusCode.TooManyRequests, TimeSpan.FromSeconds(5)), (refused.StatusCode, refused.Headers.RetryAfter!.Delta));
        streams[0].Dispose();
        await Eventually.Is(async () =>
        {
            using var another = await publisher.GetAsync(Path, HttpCompletionOption.ResponseHeadersRead);
            return another.StatusCode == HttpStatusCode.OK;
        }, "room for a stream");
        await _connection.GetDatabase().KeyDeleteAsync(Log);
        var ends = await Task.WhenAll(streams[1..].Select(stream => stream.Content.ReadAsStringAsync()));
        Assert.All(ends, text => Assert.Equal(Running + "event: done\ndata: {\"state\":\"done\",\"reached\":1,\"muted\":0,\"failed\":0,\"of\":1}\n\n", text));
    }

    private const string Running = "event: progress\ndata: {\"state\":\"running\",\"reached\":0,\"muted\":0,\"failed\":0,\"of\":1}\n\n";
}
