using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace OrleansInbox.Tests.ClientApi;

/// <summary>One connection, byte by byte: what no HTTP client would send.</summary>
internal sealed class RawConnection : IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);
    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

    public static async Task<RawConnection> Open(ApiServer server)
    {
        var connection = new RawConnection();
        await connection._socket.ConnectAsync(server.Address.Host, server.Address.Port);
        return connection;
    }

    /// <param name="server">Asked once, on a connection of its own.</param>
    /// <param name="request">One byte for each char. It should have "Connection: close", or be such that the server closes.</param>
    /// <returns>The statuses of all answers.</returns>
    public static async Task<int[]> Statuses(ApiServer server, string request)
    {
        using var connection = await Open(server);
        await connection.Send(request);
        return Statuses(await connection.ReadToEnd());
    }

    /// <summary>Of answers whose bodies do not begin a line with <c>HTTP/1.1</c>.</summary>
    public static int[] Statuses(string answers) =>
        [.. answers.Split("HTTP/1.1 ").Skip(1).Select(answer => int.Parse(answer[..3], CultureInfo.InvariantCulture))];

    public async Task Send(string bytes) => await _socket.SendAsync(Encoding.Latin1.GetBytes(bytes));

    /// <summary>Up to where the server closes, or resets.</summary>
    public async Task<string> ReadToEnd()
    {
        var text = new StringBuilder();
        var buffer = new byte[8192];
        using var limit = new CancellationTokenSource(_patience);
        try
        {
            while (await _socket.ReceiveAsync(buffer, limit.Token) is > 0 and var count) text.Append(Encoding.UTF8.GetString(buffer, 0, count));
        }
        catch (SocketException)
        {
            // reset: it had closed before it read all that we sent
        }
        catch (OperationCanceledException e)
        {
            throw new TimeoutException($"Waited {_patience} for the server to close; so far it said: {text}", e);
        }
        return text.ToString();
    }

    /// <summary>Up to and with this text.</summary>
    public async Task<string> ReadUntil(string end)
    {
        var text = new StringBuilder();
        var buffer = new byte[8192];
        using var limit = new CancellationTokenSource(_patience);
        while (!text.ToString().Contains(end, StringComparison.Ordinal))
        {
            var count = await _socket.ReceiveAsync(buffer, limit.Token);
            if (count == 0) throw new IOException($"The server closed before it said {end}: {text}");
            text.Append(Encoding.UTF8.GetString(buffer, 0, count));
        }
        return text.ToString();
    }

    /// <summary>RST instead of FIN.</summary>
    public void Reset()
    {
        _socket.LingerState = new(enable: true, seconds: 0);
        _socket.Dispose();
    }

    public void Dispose() => _socket.Dispose();
}
