using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace OrleansInbox.Chaos;

/// <summary>Reads inboxes where they are stored, past everything that is under test.</summary>
internal sealed class LogOfRedis(int port) : IDisposable
{
    private readonly TcpClient _client = new("127.0.0.1", port);
    private BufferedStream? _stream;

    public LogEntry[] Read(string user)
    {
        _stream ??= new BufferedStream(_client.GetStream(), 64 * 1024);
        var key = $"inbox:{{default/{user}}}:log";
        _stream.Write(Encoding.UTF8.GetBytes($"*4\r\n$6\r\nXRANGE\r\n${key.Length}\r\n{key}\r\n$1\r\n-\r\n$1\r\n+\r\n"));
        _stream.Flush();
        return [.. ((object[])Value()!).Select(entry => Of((object[])entry))];
    }

    public void Dispose()
    {
        _stream?.Dispose();
        _client.Dispose();
    }

    private static LogEntry Of(object[] entry)
    {
        var fields = (object[])entry[1];
        var at = Array.IndexOf(fields, "w");
        return new((string)entry[0], at < 0 ? "" : (string)fields[at + 1]);
    }

    private object? Value()
    {
        var line = Line();
        var count = line[0] is '$' or '*' ? int.Parse(line.AsSpan(1), CultureInfo.InvariantCulture) : 0;
        switch (line[0])
        {
            case '*':
                var items = new object?[Math.Max(count, 0)];
                for (var i = 0; i < items.Length; i++) items[i] = Value();
                return items;
            case '$':
                if (count < 0) return null;
                var bytes = new byte[count + 2];
                _stream!.ReadExactly(bytes);
                return Encoding.UTF8.GetString(bytes, 0, count);
            case '-': throw new InvalidOperationException($"Redis: {line}");
            default: return line[1..];
        }
    }

    private string Line()
    {
        var line = new StringBuilder();
        for (int next; (next = _stream!.ReadByte()) != '\n';)
        {
            if (next < 0) throw new EndOfStreamException("Redis has closed the connection.");
            if (next != '\r') line.Append((char)next);
        }
        return line.ToString();
    }
}
