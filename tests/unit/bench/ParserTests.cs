using System.Text;
using OrleansInbox.Bench;

namespace OrleansInbox.Tests.Bench;

public sealed class ParserTests
{
    private const string Events = ": ok\n\nevent: ready\nid: 1-1\ndata: {}\n\ndata: one\r\ndata: two\r\n\r\nid: 1-2\nevent: added\n\nevent:added\ndata:x\nretry: 5\n\n";

    [Fact]
    public void Events_are_the_same_however_the_bytes_are_cut()
    {
        for (var size = 1; size <= Events.Length; size++)
        {
            var seen = new List<string>();
            var parser = new SseParser((name, id, data) => seen.Add($"{Text(name)}/{Text(id)}/{Text(data)}"));
            foreach (var part in Encoding.UTF8.GetBytes(Events).Chunk(size)) parser.Feed(part);
            Assert.Equal(["ready/1-1/{}", "/1-1/one\ntwo", "added/1-2/x"], seen);
        }
    }

    [Theory]
    [InlineData("HTTP/1.1 201 Created\r\nContent-Length: 5\r\n\r\nhello", 201, "hello")]
    [InlineData("HTTP/1.1 200 OK\r\ncontent-length:0\r\n\r\n", 200, "")]
    [InlineData("HTTP/1.1 204 No Content\r\n\r\n", 204, "")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nA;x=y\r\n0123456789\r\n0\r\nTrailer: t\r\n\r\n", 200, "hello0123456789")]
    [InlineData("HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno", 503, "no")]
    public void Responses_are_the_same_however_the_bytes_are_cut(string response, int status, string body)
    {
        var parser = new ResponseParser();
        for (var size = 1; size <= response.Length; size++)
        {
            var text = "";
            parser.Reset();
            foreach (var part in Encoding.ASCII.GetBytes(response).Chunk(size))
            {
                Assert.False(parser.Done);
                parser.Feed(part, bytes => text += Text(bytes));
            }
            Assert.True(parser.Done);
            Assert.Equal((status, body, status == 503), (parser.Status, text, parser.Closes));
        }
    }

    [Theory]
    [InlineData("HTTP/1.0 200 OK\r\n\r\n")]
    [InlineData("SSH-2.0-OpenSSH\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: five\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nno!")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nno!\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n")]
    public void What_is_no_response_is_refused(string response) =>
        Assert.Throws<ProtocolException>(() => new ResponseParser().Feed(Encoding.ASCII.GetBytes(response), null));

    [Fact]
    public void A_stream_without_length_or_chunks_goes_on_until_it_is_closed()
    {
        var parser = new ResponseParser();
        var text = "";
        parser.Feed("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n: hi\n\n"u8, bytes => text += Text(bytes));
        Assert.Equal((200, ": hi\n\n", false), (parser.Status, text, parser.Done));
    }

    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes);
}
