namespace OrleansInbox.Tests.ClientApi;

/// <summary>What the caller does wrong, or breaks off, leaves as 4xx or without an answer, and leaves no warning and no exception in the log. On a server of its own, whose log says all that Kestrel has to say.</summary>
public sealed class CallersFaultTests : IAsyncLifetime, IDisposable
{
    private const string Head = "Host: x\r\nAuthorization: ApiKey " + ApiServer.PublisherKey + "\r\n";
    private const string Json = "Content-Type: application/json\r\n";
    private const string Post = "POST /v1/users/ann/notifications HTTP/1.1\r\n" + Head + Json;
    private const string Chunked = "Transfer-Encoding: chunked\r\n\r\n";
    private readonly LoggedLines _log = new();
    private ApiServer _server = null!;

    public async Task InitializeAsync() => _server = await ApiServer.Start(redis: null, log: _log,
        settings: ["Logging:Console:LogLevel:Default=None", "Logging:LogLevel:Microsoft.AspNetCore.Server.Kestrel=Information", "Logging:LogLevel:Microsoft.AspNetCore.Server.Kestrel.Connections=Information", "Logging:LogLevel:Orleans=Error"]);

    public async Task DisposeAsync() => await _server.DisposeAsync();

    public void Dispose() => _log.Dispose();

    private static readonly (string Request, int Status)[] _malformed =
    [
        (Post + Chunked + "80000000\r\nx", 400), // Kestrel: IOException, and not BadHttpRequestException as for the others
        (Post + Chunked + "ffffffff\r\nx", 400),
        (Post + Chunked + "ffffffffffffffffff\r\nx", 400),
        (Post + Chunked + "-1\r\nx", 400),
        (Post + Chunked + "x\r\nx", 400),
        (Post + Chunked + "5\n{}", 400),
        (Post + Chunked + "1;" + new string('e', 70_000) + "\r\n", 413),
        ("PATCH /v1/users/ann/notifications/1-1 HTTP/1.1\r\n" + Head + Json + Chunked + "80000000\r\nx", 400),
        ("POST /v1/users/ann/notifications/read HTTP/1.1\r\n" + Head + Json + Chunked + "80000000\r\nx", 400),
        ("POST /v1/users/ann/notifications HTTP/1.1\r\nHost: x\r\n" + Json + Chunked + "80000000\r\nx", 401), // not read, but drained
        ("POST /v1/users/ann/notifications HTTP/1.1\r\n" + Head + Chunked + "80000000\r\nx", 415),
        ("POST /nowhere HTTP/1.1\r\nHost: x\r\n" + Chunked + "80000000\r\nx", 404),
        (Post + "Content-Length: -1\r\n\r\n", 400),
        (Post + "Content-Length: 99999999999999999999\r\n\r\n", 400),
        (Post + "Content-Length: 65537\r\n\r\n", 413),
        (Post + "Transfer-Encoding: gzip\r\n\r\n", 400),
        ("GET /v1/users/ann/notifications/%00 HTTP/1.1\r\n" + Head + "\r\n", 400),
        ("GET /v1/users/ann%00/counts HTTP/1.1\r\n" + Head + "\r\n", 400),
        ("GET /v1/users/ann%zz/counts HTTP/1.1\r\nConnection: close\r\n" + Head + "\r\n", 400),
        ("GET /v1/users/ann/notifications/%zz HTTP/1.1\r\nConnection: close\r\n" + Head + "\r\n", 404),
        ("GET /%ff%fe HTTP/1.1\r\nConnection: close\r\n" + Head + "\r\n", 404),
        ("GET /v1/users/ann/counts?" + new string('a', 9_000) + " HTTP/1.1\r\n" + Head + "\r\n", 414),
        ("GET /v1/users/ann/counts?" + string.Join('&', Enumerable.Range(0, 1_100).Select(i => $"a{i}=1")) + " HTTP/1.1\r\nConnection: close\r\n" + Head + "\r\n", 400),
        ("GET /v1/users/ann/counts?type=t&type=t HTTP/1.1\r\nConnection: close\r\n" + Head + "\r\n", 400),
        ("GET /v1/users/ann/notifications?limit=1&limit=1 HTTP/1.1\r\nConnection: close\r\n" + Head + "\r\n", 400),
        ("GET /v1/users/ann/stream?lastEventId=1-1&lastEventId=1-1 HTTP/1.1\r\nConnection: close\r\n" + Head + "\r\n", 400),
        ("GET /v1/users/ann/counts?type=%zz%ff%00 HTTP/1.1\r\nConnection: close\r\n" + Head + "\r\n", 400),
        ("GET /v1/users/ann/counts HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \xff\xfe.a.b\r\n\r\n", 400),
        ("GET /v1/users/ann/counts HTTP/1.1\r\n" + Head + "X: a\0b\r\n\r\n", 400),
        ("GET /v1/users/ann/counts HTTP/1.1\r\nHost: a b\r\n\r\n", 400),
        ("GET /v1/users/ann/counts HTTP/1.2\r\n" + Head + "\r\n", 505),
    ];

    [Fact]
    public async Task What_is_malformed_is_4xx()
    {
        foreach (var (request, status) in _malformed)
            Assert.Equal((request, status), (request, (await RawConnection.Statuses(_server, request))[0]));
        await NothingWasLogged();
    }

    private static readonly string[] _brokenOff =
    [
        Post + "Content-Length: 50\r\n\r\n{", Post + Chunked + "5\r\n{", Post + Chunked + "7fffffff\r\n{", Post[..40], Post,
        "POST /v1/users/ann/notifications HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\n{", "POST /v1/users/ann/notifications HTTP/1.1\r\n" + Head + "Content-Length: 50\r\n\r\n{",
        Post + "Expect: 100-continue\r\nContent-Length: 50\r\n\r\n",
        "GET /v1/users/ann/stream HTTP/1.1\r\n" + Head + "\r\n", "GET /v1/users/ann/notifications?after=99999999999999-1&wait=20 HTTP/1.1\r\n" + Head + "\r\n",
    ];

    [Fact]
    public async Task Who_resets_or_ends_the_connection_half_way_is_no_error()
    {
        for (var times = 0; times < 10; times++)
        {
            foreach (var request in _brokenOff)
            {
                using (var reset = await RawConnection.Open(_server))
                {
                    await reset.Send(request);
                    reset.Reset();
                }
                using var ended = await RawConnection.Open(_server);
                await ended.Send(request);
            }
        }
        await NothingWasLogged();
    }

    [Theory]
    [InlineData("http://x/v1/users/ann/counts#f", 400)]
    [InlineData("http://x/v1/users/ann#b/counts", 400)]
    [InlineData("http://x#/v1/users/ann/counts", 400)]
    [InlineData("http://x/v1/users/ann/counts?type=t#f", 400)]
    [InlineData("/v1/users/ann#b/counts", 400)]
    [InlineData("/health/live#f", 400)]
    [InlineData("http://x?/v1/users/ann/counts", 404)]
    [InlineData("http://x", 404)]
    [InlineData("http://x/v1/users/ann%23b/counts", 200)]
    [InlineData("http://x/v1/users/ann/counts?type=t", 200)]
    [InlineData("http://who:ever@x/v1/users/ann/counts", 200)]
    public async Task A_target_has_no_fragment_in_whichever_form(string target, int status) =>
        Assert.Equal((int[])[status], await RawConnection.Statuses(_server, $"GET {target} HTTP/1.1\r\nConnection: close\r\n{Head}\r\n"));

    /// <summary>Once the server has answered another request.</summary>
    private async Task NothingWasLogged()
    {
        Assert.Equal((int[])[201], await RawConnection.Statuses(_server, Post + "Connection: close\r\nContent-Length: 24\r\n\r\n{\"type\":\"t\",\"title\":\"T\"}"));
        var lines = _log.All.Where(line => !line.StartsWith("Information ", StringComparison.Ordinal) || line.Contains("Exception", StringComparison.Ordinal)).ToList();
        Assert.True(lines.Count == 0, string.Join('\n', lines));
    }
}
