using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace OrleansInbox.Chaos;

/// <summary>One connection to one node: it follows no redirection.</summary>
internal sealed class RedisClient : IDisposable
{
    private readonly TcpClient _client;
    private readonly BufferedStream _stream;

    public RedisClient(int port)
    {
        _client = new TcpClient("127.0.0.1", port) { ReceiveTimeout = 5_000 };
        _stream = new BufferedStream(_client.GetStream(), 64 * 1024);
    }

    /// <returns>Strings, numbers as strings, arrays of them.</returns>
    /// <exception cref="InvalidOperationException">Redis answered with an error.</exception>
    public object? Ask(params string[] command)
    {
        var request = new StringBuilder().Append(CultureInfo.InvariantCulture, $"*{command.Length}\r\n");
        foreach (var part in command) request.Append(CultureInfo.InvariantCulture, $"${Encoding.UTF8.GetByteCount(part)}\r\n{part}\r\n");
        _stream.Write(Encoding.UTF8.GetBytes(request.ToString()));
        _stream.Flush();
        return Value();
    }

    public void Dispose()
    {
        _stream.Dispose();
        _client.Dispose();
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
                _stream.ReadExactly(bytes);
                return Encoding.UTF8.GetString(bytes, 0, count);
            case '-': throw new InvalidOperationException($"Redis: {line}");
            default: return line[1..];
        }
    }

    private string Line()
    {
        var line = new StringBuilder();
        for (int next; (next = _stream.ReadByte()) != '\n';)
        {
            if (next < 0) throw new EndOfStreamException("Redis has closed the connection.");
            if (next != '\r') line.Append((char)next);
        }
        return line.ToString();
    }
}
