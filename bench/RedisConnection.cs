using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace OrleansInbox.Bench;

/// <summary>The little of Redis' protocol that writes a stream and asks for its length.</summary>
internal sealed class RedisConnection : IDisposable
{
    /// <summary>Commands that are sent before their answers are read: fewer than fill the socket's buffers.</summary>
    private const int Together = 200;

    private readonly TcpClient _client;
    private readonly StreamReader _answers;

    private RedisConnection(TcpClient client) => (_client, _answers) = (client, new StreamReader(client.GetStream(), Encoding.ASCII));

    public static async Task<RedisConnection> Open(IPEndPoint address, TimeSpan timeout)
    {
        var client = new TcpClient { NoDelay = true };
        using var patience = new CancellationTokenSource(timeout);
        try
        {
            await client.ConnectAsync(address, patience.Token);
            return new(client);
        }
        catch (OperationCanceledException)
        {
            client.Dispose();
            throw new ProtocolException("redis: no connection in time");
        }
    }

    /// <summary>Sends them in order, a part at a time, and reads their answers.</summary>
    /// <exception cref="ProtocolException">Redis refused one.</exception>
    public async Task Send(IEnumerable<string[]> commands, CancellationToken stop)
    {
        foreach (var part in commands.Chunk(Together))
        {
            var text = new StringBuilder();
            foreach (var command in part) Write(text, command);
            await _client.GetStream().WriteAsync(Encoding.UTF8.GetBytes(text.ToString()), stop);
            for (var i = 0; i < part.Length; i++) await Answer(stop);
        }
    }

    public async Task<long> Length(string stream)
    {
        var text = new StringBuilder();
        Write(text, ["XLEN", stream]);
        await _client.GetStream().WriteAsync(Encoding.UTF8.GetBytes(text.ToString()));
        return long.Parse(await Answer(CancellationToken.None), CultureInfo.InvariantCulture);
    }

    public void Dispose()
    {
        _answers.Dispose();
        _client.Dispose();
    }

    private static void Write(StringBuilder text, string[] command)
    {
        text.Append(CultureInfo.InvariantCulture, $"*{command.Length}\r\n");
        foreach (var part in command) text.Append(CultureInfo.InvariantCulture, $"${Encoding.UTF8.GetByteCount(part)}\r\n{part}\r\n");
    }

    private async Task<string> Answer(CancellationToken stop)
    {
        var line = await _answers.ReadLineAsync(stop) ?? throw new ProtocolException("redis closed the connection");
        return line[0] switch
        {
            '-' => throw new ProtocolException($"redis: {line[1..]}"),
            '$' => await _answers.ReadLineAsync(stop) ?? throw new ProtocolException("redis closed the connection"),
            _ => line[1..],
        };
    }
}
