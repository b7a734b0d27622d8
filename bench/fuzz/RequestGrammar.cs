using System.Globalization;
using System.Text;

namespace OrleansInbox.Fuzz;

/// <summary>Conversations: requests with their framing, pipelined on one connection, sent in pieces and ended early. Strings hold one char for each byte (Latin-1).</summary>
internal sealed class RequestGrammar(int seed, TokenGrammar tokens)
{
    private const string Last = "GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

    public Conversation Make(long number)
    {
        var dice = new Dice(seed, number);
        var isPlain = dice.OnceIn(3);
        var text = new StringBuilder();
        var methods = new List<string>();
        for (var i = 1 + dice.Below(6); i > 0; i--)
        {
            var method = isPlain ? dice.Of("GET", "GET", "GET", "HEAD", "POST", "POST", "PUT", "DELETE") : dice.OnceIn(3) ? "POST" : dice.Of("GET", "GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE", "get", "X", "", "G\0T");
            methods.Add(method);
            text.Append(isPlain ? Plain(dice, method) : Wild(dice, method));
        }
        if (isPlain || !dice.OnceIn(4))
        {
            methods.Add("GET");
            return new(number, Pieces(dice, text.Append(Last).ToString()), methods, isPlain, Ending.ServerCloses);
        }
        var whole = text.ToString();
        if (dice.OnceIn(2)) whole += Unfinished(dice);
        else if (dice.OnceIn(4)) whole += $"GET /v1/users/u1/stream HTTP/1.1\r\nHost: x\r\nAuthorization: {tokens.Good(dice, "u1")}\r\n\r\n";
        else whole = whole[..dice.Below(whole.Length + 1)];
        return new(number, Pieces(dice, whole), methods, false, dice.Of(Ending.HalfClose, Ending.Reset, Ending.ResetWhenAnswered));
    }

    /// <summary>Well-formed, by who may: what the API is for.</summary>
    private string Plain(Dice dice, string method)
    {
        var user = PathGrammar.User(dice);
        if (dice.OnceIn(5)) return ToMany(dice, method, user);
        switch (method)
        {
            case "GET" or "HEAD":
                if (dice.OnceIn(8)) return Head(method, dice.Of("scheduled", "scheduled?limit=2", "scheduled?after=0_s0123456789abcdef"), null) + "\r\n";
                return Head(method, dice.Of("notifications", "counts", "notifications?limit=3", "notifications?status=unread", "notifications/1-1", "counts?type=t", "notifications?q=ab", "snoozed", "snoozed?limit=1&after=1_1-1", "preferences", "topics"), user) + "\r\n";
            case "DELETE":
                return (dice.OnceIn(2) ? Head(method, "scheduled/s0123456789abcdef", null) : Head(method, dice.Of("keys/k1", "keys/k2", "notifications/1-1"), user)) + "\r\n";
            case "PUT":
                return Head(method, "preferences", user) + IfMatch(dice) + Json(BodyGrammar.Preferences(dice));
            default:
                if (!dice.OnceIn(2)) return Head(method, "notifications", null) + Json(BodyGrammar.Publish(dice, dice.Word(20)));
                if (dice.OnceIn(3)) return dice.OnceIn(2) ? Head(method, "notifications/snooze", user) + Json(BodyGrammar.Snooze(dice, ends: false)) : Head(method, "unsnooze", user) + Json(BodyGrammar.Snooze(dice, ends: true));
                return Head(method, $"notifications/{dice.Of("read", "unread", "seen", "archive", "delete")}", user) + Json("""{"all":true}"""u8.ToArray());
        }

        string Head(string verb, string rest, string? caller) => $"{verb} /v1/users/{user}/{rest} HTTP/1.1\r\nHost: x\r\nAuthorization: {tokens.Good(dice, caller)}\r\n";

        string Json(byte[] body) => RequestGrammar.Json(dice, body);
    }

    /// <summary>The same for batches, topics, jobs and announcements. Each announcement is one more in every inbox: there are few.</summary>
    private string ToMany(Dice dice, string method, string user)
    {
        var topic = PathGrammar.Topic(dice);
        return method switch
        {
            "GET" or "HEAD" when dice.OnceIn(4) => Head($"topics/{topic}/subscribers/{user}", user) + "\r\n",
            "GET" or "HEAD" => Head(dice.Of($"topics/{topic}", $"topics/{topic}/subscribers", $"topics/{topic}/subscribers?limit=2&after=u3", $"jobs/{topic}~1", $"jobs/{topic}~1/stream", "announcements", "announcements/1"), null) + "\r\n",
            "DELETE" => Head(dice.Of($"topics/{topic}/subscribers/{user}", $"topics/{topic}/subscribers/{user}", $"topics/{topic}/keys/{dice.Of("k1", "k2")}", "announcements/1"), null) + "\r\n",
            "PUT" => dice.OnceIn(3) ? Head($"topics/{topic}", null) + Json(dice, BodyGrammar.Open(dice)) : Head($"topics/{topic}/subscribers/{user}", null) + "Content-Length: 0\r\n\r\n",
            _ => dice.Below(12) switch
            {
                0 => Head("announcements", null) + Json(dice, BodyGrammar.Announcement(dice)),
                < 4 => Head($"topics/{topic}/notifications", null) + Json(dice, BodyGrammar.TopicPublish(dice)),
                < 7 => Head($"topics/{topic}/subscribers", null) + Json(dice, BodyGrammar.Subscribers(dice)),
                _ => Head("notifications", null) + Json(dice, BodyGrammar.Batch(dice)),
            },
        };

        string Head(string path, string? caller) => $"{method} /v1/{path} HTTP/1.1\r\nHost: x\r\nAuthorization: {tokens.Good(dice, caller)}\r\n";
    }

    private static string Json(Dice dice, byte[] body) => "Content-Type: application/json\r\n" + Framed(dice, Encoding.Latin1.GetString(body));

    private static string IfMatch(Dice dice) => dice.Of("", "If-Match: *\r\n", "If-Match: \"0\"\r\n", "If-Match: \"1\", \"2\"\r\n", "If-Match: W/\"1\"\r\n", "If-Match: \"x\"\r\n");

    private string Wild(Dice dice, string method)
    {
        var user = PathGrammar.User(dice);
        var target = method is "POST" && dice.OnceIn(2) ? PathGrammar.Posted(dice, user) : method is "PUT" && dice.OnceIn(2) ? PathGrammar.Put(dice, user) : PathGrammar.Target(dice, user);
        var request = new StringBuilder($"{method} {target} {(dice.OnceIn(25) ? dice.Of("HTTP/1.0", "HTTP/1.2", "HTTP/2.0", "HTTP/0.9", "", "http/1.1", "HTTP/1.1 ") : "HTTP/1.1")}\r\n");
        request.Append(dice.OnceIn(25) ? dice.Of("", "Host: \r\n", "Host: a b\r\n", "Host: x\r\nHost: y\r\n", "Host: evil.example:99999\r\n", "Host: [::1\r\n") : "Host: x\r\n");
        if (tokens.Any(dice, user) is { } credentials) request.Append($"Authorization: {credentials}\r\n");
        for (var i = dice.Below(4); i > 0; i--) request.Append(Header(dice));
        if (method is "PUT") request.Append(IfMatch(dice));
        var hasBody = method is "POST" or "PUT" or "PATCH" || dice.OnceIn(8);
        if (!hasBody) return request.Append("\r\n").ToString();
        if (!dice.OnceIn(8)) request.Append("Content-Type: application/json\r\n");
        var body = Encoding.Latin1.GetString(BodyGrammar.Any(dice, target));
        return request.Append(dice.OnceIn(8) ? Misframed(dice, body) : Framed(dice, body)).ToString();
    }

    private static string Header(Dice dice)
    {
        var name = dice.Of("Idempotency-Key", "If-None-Match", "If-Match", "Last-Event-ID", "Accept", "Content-Encoding", "Content-Type", "Origin", "Range", "Expect", "Cookie", "X-Forwarded-Host", "traceparent", "baggage", "Connection", "Upgrade", "TE", "Authorization",
            "Access-Control-Request-Method", "Access-Control-Request-Headers", "Accept-Encoding", "If-Modified-Since", "X-HTTP-Method-Override", "Max-Forwards", "Trailer", "HTTP2-Settings", "Sec-WebSocket-Key");
        var value = dice.Of("", "x", "*", "\"a\"", "W/\"a.1\"", "none.0", "\"none.0\"", "\"1\"", "\"99999999999999999999\"", "1-1", "0-0", "9999999999999-1", "-1", "application/json", "application/json; charset=utf-16", "application/json;", "text/event-stream", "gzip", "identity", "br, gzip", "https://evil.example",
            "null", "bytes=0-1", "100-continue", "close", "keep-alive, x", "upgrade", "websocket", "h2c", "trailers", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "00-zz-1", "a=b;c,d", "k" + dice.Below(1_000_000), new string('y', dice.Below(400)));
        return dice.Below(40) switch
        {
            0 => $"{name}: {value}\r\n {dice.Word(5)}\r\n", // obs-fold
            1 => $"{name} : {value}\r\n",
            2 => $"{name}: {value}\n",
            3 => $"{name}: {dice.Junk(30)}\r\n",
            4 => $"{dice.Junk(10)}: {value}\r\n",
            5 => $"{name}\r\n",
            6 => string.Concat(Enumerable.Repeat($"X-{dice.Word(3)}: 1\r\n", dice.Of(10, 70))),
            7 => $"{name}: {new string('z', dice.Of(1_000, 20_000))}\r\n",
            _ => $"{name}: {value}\r\n",
        };
    }

    private static string Framed(Dice dice, string body) =>
        dice.OnceIn(3) ? $"Transfer-Encoding: {(dice.OnceIn(10) ? "Chunked" : "chunked")}\r\n\r\n{Chunks(dice, body)}0\r\n{(dice.OnceIn(8) ? "X-Trailer: 1\r\n" : "")}\r\n" : $"Content-Length: {body.Length}\r\n\r\n{body}";

    private static string Chunks(Dice dice, string body)
    {
        var chunks = new StringBuilder();
        for (var at = 0; at < body.Length;)
        {
            var size = Math.Min(body.Length - at, 1 + dice.Below(Math.Max(1, body.Length / 2)));
            chunks.Append(CultureInfo.InvariantCulture, $"{(dice.OnceIn(4) ? "00" : "")}{size:x}{(dice.OnceIn(8) ? ";a=\"b\"" : "")}\r\n").Append(body, at, size).Append("\r\n");
            at += size;
        }
        return chunks.ToString();
    }

    /// <summary>Framing that contradicts itself, or is none.</summary>
    private static string Misframed(Dice dice, string body) => dice.Below(8) switch
    {
        0 => $"Content-Length: {dice.Of("-1", "x", "", "1e3", "99999999999999999999", "65537", "+2", "0x10", "2, 2", " 2 3")}\r\n\r\n{body}",
        1 => $"Content-Length: {body.Length}\r\nContent-Length: {body.Length + dice.Below(2)}\r\n\r\n{body}",
        2 => $"Content-Length: {dice.Below(body.Length + 3)}\r\nTransfer-Encoding: chunked\r\n\r\n{Chunks(dice, body)}0\r\n\r\n",
        3 => $"Transfer-Encoding: {dice.Of("gzip", "chunked, gzip", "gzip, chunked", "identity", "", "xchunked", "chunked\r\nTransfer-Encoding: chunked", "chunked, chunked", "\u000bchunked")}\r\n\r\n{Chunks(dice, body)}0\r\n\r\n",
        4 => $"Transfer-Encoding: chunked\r\n\r\n{dice.Of("80000000", "ffffffff", "7fffffff", "100000000", "ffffffffffffffff", "-1", "", "x", "0x5", "5 ", "1;" + new string('e', 70_000))}\r\n{body}\r\n0\r\n\r\n",
        5 => $"Transfer-Encoding: chunked\r\n\r\n{body.Length + dice.Below(3):x}{dice.Of("\n", "\r", "\r\n\r\n", "\r\n")}{body}{dice.Of("", "\n", "\r\n")}0\r\n\r\n",
        6 => $"Content-Length: {Math.Max(0, body.Length - 1 - dice.Below(5))}\r\n\r\n{body}", // the rest is the next request
        _ => $"Content-Length: {body.Length}\n\n{body}",
    };

    private string Unfinished(Dice dice)
    {
        var head = $"POST /v1/users/{PathGrammar.User(dice)}/notifications HTTP/1.1\r\nHost: x\r\nAuthorization: {(dice.OnceIn(4) ? "x" : tokens.Good(dice, null))}\r\nContent-Type: {dice.Of("application/json", "application/json", "text/plain")}\r\n";
        return dice.Below(4) switch
        {
            0 => head[..dice.Below(head.Length)],
            1 => head + $"Content-Length: {50 + dice.Below(60_000)}\r\n\r\n{{\"type\":",
            2 => head + $"Transfer-Encoding: chunked\r\n\r\n{dice.Of("5\r\n{", "5", "5\r\n{}   \r\n", "7fffffff\r\n{", "0\r\n")}",
            _ => head + "Expect: 100-continue\r\nContent-Length: 20\r\n\r\n",
        };
    }

    private static List<byte[]> Pieces(Dice dice, string text)
    {
        var bytes = Encoding.Latin1.GetBytes(text);
        if (!dice.OnceIn(4)) return [bytes];
        var pieces = new List<byte[]>();
        for (var at = 0; at < bytes.Length;)
        {
            var size = Math.Min(bytes.Length - at, 1 + dice.Below(pieces.Count > 20 ? bytes.Length : 1 + bytes.Length / 4));
            pieces.Add(bytes[at..(at + size)]);
            at += size;
        }
        return pieces;
    }
}
