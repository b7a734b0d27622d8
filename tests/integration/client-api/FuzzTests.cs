using OrleansInbox.Fuzz;

namespace OrleansInbox.Tests.ClientApi;

/// <summary>The grammar of <c>bench/fuzz</c> against a server in Production: no 5xx, nothing in the log, nothing held on to, and valid requests still answered right.</summary>
public sealed class FuzzTests
{
    [Fact]
    public async Task Twenty_thousand_requests_leave_no_trace()
    {
        var options = new FuzzOptions { Requests = 20_000, Seed = 9 };
        var verdict = await FuzzRun.Go(options, TextWriter.Null, CancellationToken.None);

        Assert.True(verdict.Held, string.Join('\n', [verdict.ToString(), .. verdict.Faults]));
        Assert.InRange(verdict.Requests, options.Requests, options.Requests + 100);
        Assert.True(verdict.Probes >= 20, verdict.ToString());
    }

    [Fact]
    public void The_same_seed_makes_the_same_conversations()
    {
        var (one, other, third) = (Grammar(7), Grammar(7), Grammar(8));
        for (var number = 0; number < 200; number++) Assert.Equal(one.Make(number).ToString(), other.Make(number).ToString());
        Assert.NotEqual(one.Make(1).ToString(), third.Make(1).ToString());
    }

    [Fact]
    public void What_is_not_HTTP_and_what_is_cut_off_is_told_apart()
    {
        Assert.Equal([200, 404], Answers.Read("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n"u8, ["GET", "POST"]));
        Assert.Equal([200], Answers.Read("HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{}"u8, ["GET"]));
        Assert.Equal([200, 200], Answers.Read("HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"u8, ["HEAD", "GET"]));
        Assert.Null(Answers.Read("oops\r\n\r\n"u8, ["GET"]));
    }

    private static RequestGrammar Grammar(int seed) => new(seed, new("key", new byte[32]));
}
