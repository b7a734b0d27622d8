using System.Buffers;
using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace OrleansInbox.Bench;

/// <summary>One keep-alive connection with one request in flight. Requests come rendered, bodies are counted and dropped: as little work as a generator can do.</summary>
internal sealed class HttpConnection : IDisposable
{
    private readonly Socket _socket;
    private readonly ResponseParser _parser = new();
    private readonly byte[] _buffer = new byte[16 * 1024];

    private HttpConnection(Socket socket) => _socket = socket;

    public long BytesIn { get; private set; }
    public long BytesOut { get; private set; }

    public static async Task<HttpConnection> Open(Target target, TimeSpan timeout) => new(await Connect(target, timeout));

    public static async Task<Socket> Connect(Target target, TimeSpan timeout)
    {
        var socket = new Socket(target.Address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        using var limit = new CancellationTokenSource(timeout);
        try
        {
            await socket.ConnectAsync(target.Address, limit.Token);
            return socket;
        }
        catch (OperationCanceledException)
        {
            socket.Dispose();
            throw new ProtocolException("connect timed out");
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <returns>The status of the answer, once all of it has come.</returns>
    /// <exception cref="ProtocolException">The answer broke off or made no sense; the connection is of no use any more.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<int> Exchange(ReadOnlyMemory<byte> request, BodyBytes? body = null)
    {
        // A request of half a kilobyte fits the socket's buffer, so this does not block; and it saves a trip through the poll loop.
        for (var rest = request; rest.Length > 0;) rest = rest[_socket.Send(rest.Span)..];
        BytesOut += request.Length;
        _parser.Reset();
        while (!_parser.Done)
        {
            var read = await _socket.ReceiveAsync(_buffer.AsMemory(), SocketFlags.None);
            if (read == 0) throw new ProtocolException("connection closed");
            BytesIn += read;
            _parser.Feed(_buffer.AsSpan(0, read), body);
        }
        return _parser.Status;
    }

    /// <summary>For what is not measured: one exchange on this connection with the body kept.</summary>
    public async Task<(int Status, ReadOnlyMemory<byte> Body)> Ask(ReadOnlyMemory<byte> request)
    {
        var body = new ArrayBufferWriter<byte>();
        var status = await Exchange(request, bytes => body.Write(bytes));
        return (status, body.WrittenMemory);
    }

    public bool Closes => _parser.Closes;

    public void Dispose() => _socket.Dispose();
}
