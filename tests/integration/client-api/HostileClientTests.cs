using System.Diagnostics;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace OrleansInbox.Tests.ClientApi;

/// <summary>Who drips, smuggles, sends bombs, or comes by another name of this host.</summary>
public sealed class HostileClientTests : IAsyncLifetime
{
    private const string Credentials = "Authorization: ApiKey " + ApiServer.PublisherKey + "\r\n";
    private const string Post = "POST /v1/users/ann/notifications HTTP/1.1\r\nHost: x\r\n" + Credentials + "Content-Type: application/json\r\n";
    private const string Smuggled = "DELETE /v1/users/ann/notifications HTTP/1.1\r\nHost: x\r\n" + Credentials + "\r\n";
    private ApiServer _server = null!;

    public async Task InitializeAsync() => _server = await ApiServer.Start(redis: null);

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task Who_drips_is_cut_off()
    {
        var limits = _server.Services.GetRequiredService<IOptions<KestrelServerOptions>>().Value.Limits;
        Assert.Equal((TimeSpan.FromSeconds(10), 240d), (limits.RequestHeadersTimeout, limits.MinRequestBodyDataRate!.BytesPerSecond));
        limits.RequestHeadersTimeout = TimeSpan.FromMilliseconds(500); // what it is in production would make the test as slow
        limits.MinRequestBodyDataRate = new(bytesPerSecond: 240, gracePeriod: TimeSpan.FromMilliseconds(1_100));
        string[] drips = ["GET /health/live HTTP/1.1\r\nHo", Post + "Content-Length: 1000\r\n\r\n{", Post + "Transfer-Encoding: chunked\r\n\r\n5\r\n{"];
        foreach (var statuses in await Task.WhenAll(drips.Select(drip => RawConnection.Statuses(_server, drip)))) Assert.Equal((int[])[408], statuses);
    }

    /// <summary>RFC 9112 §6.3, §11.2: a body that two readers could end in two places is refused, or is the last on its connection.</summary>
    [Theory]
    [InlineData("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")]
    [InlineData("Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n")]
    [InlineData("Content-Length: 0\r\nContent-Length: 40\r\n\r\n")]
    [InlineData("Content-Length: 40\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("Content-Length: 0, 40\r\n\r\n")]
    [InlineData("Content-Length : 0\r\n\r\n")]
    [InlineData(" Content-Length: 0\r\n\r\n")]
    [InlineData("X: a\r\n Content-Length: 40\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("X: a\rContent-Length: 40\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n")]
    [InlineData("Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n0\n\n")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n0x0\r\n\r\n")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n2\r\n{}X0\r\n\r\n")]
    public async Task What_is_smuggled_behind_an_ambiguous_body_is_not_carried_out(string framing)
    {
        Assert.Equal((int[])[201], await RawConnection.Statuses(_server, Post + "Connection: close\r\nContent-Length: 24\r\n\r\n{\"type\":\"t\",\"title\":\"T\"}"));
        Assert.Equal((int[])[400], await RawConnection.Statuses(_server, Post + framing + Smuggled));
        using var http = _server.Publisher();
        Assert.Equal(1, (await ApiFixture.Body(await http.GetAsync("/v1/users/ann/counts")))["total"]!.GetValue<int>());
    }

    [Fact]
    public async Task A_JSON_bomb_is_answered_at_once()
    {
        string[] bombs =
        [
            Nested(64), Nested(1_000), Nested(30_000), new('1', 16_000), "1" + new string('0', 16_000), "1e" + new string('9', 1_000), "0." + new string('1', 15_000), $"[{string.Join(',', Enumerable.Repeat("1", 8_000))}]", $"{{{string.Join(',', Enumerable.Repeat("\"a\":1", 2_500))}}}",
            $"{{{string.Join(',', Enumerable.Range(0, 1_500).Select(i => $"\"{i}\":{i}"))}}}", $"\"{string.Concat(Enumerable.Repeat("\\u0000", 2_600))}\"", new('[', 60_000), new('{', 60_000), $"[{new string(' ', 60_000)}]",
        ];
        var took = Stopwatch.StartNew();
        using var http = new HttpClient { BaseAddress = _server.Address }; // the contract's reader refuses doubled members
        http.DefaultRequestHeaders.Authorization = new("ApiKey", ApiServer.PublisherKey);
        foreach (var bomb in bombs)
        {
            foreach (var (path, body) in new[] { ("notifications", $$"""{"type":"t","title":"T","data":{{bomb}}}"""), ("notifications", bomb), ("notifications/read", $$"""{"ids":{{bomb}}}"""), ("notifications/read", bomb) })
                Assert.InRange((int)(await http.PostAsync(ApiFixture.Path("bob", path), ApiFixture.Json(body))).StatusCode, 200, 413);
        }
        Assert.Equal(200, (int)(await http.GetAsync(ApiFixture.Path("bob") + "?limit=100")).StatusCode);
        Assert.True(took.Elapsed < TimeSpan.FromSeconds(10), $"{took.Elapsed}"); // 56 requests

        static string Nested(int depth) => new string('[', depth) + new string(']', depth);
    }

    /// <summary>A page of another site whose name leads to this machine (DNS rebinding) is of that site's origin: it has no credentials, and the server hands none out.</summary>
    [Fact]
    public async Task Another_name_of_the_host_gives_nothing()
    {
        await using var server = await ApiServer.Start(redis: null, environment: "Development", credentials: false, settings: "Cluster:Dashboard=true");
        foreach (var (target, status) in new[] { ("POST /dev/token?user=ann", 401), ("POST /dev/token?publisher=true", 401), ("GET /v1/users/ann/notifications", 401), ("GET /v1/users/me/stream", 401), ("GET /dashboard/", 401) })
        {
            using var connection = await RawConnection.Open(server);
            await connection.Send($"{target} HTTP/1.1\r\nHost: evil.example\r\nOrigin: http://evil.example\r\nX-Forwarded-For: 127.0.0.1\r\nX-Forwarded-Host: localhost\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
            var answer = await connection.ReadToEnd();
            Assert.Equal((target, status), (target, Assert.Single(RawConnection.Statuses(answer))));
            Assert.DoesNotContain("Access-Control-Allow-Origin", answer);
            Assert.DoesNotContain("eyJ", answer); // no token
        }
    }
}
