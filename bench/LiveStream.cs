using System.Diagnostics;
using System.Net.Sockets;

namespace OrleansInbox.Bench;

/// <summary>What happens on a live stream. Called by one thread at a time, per stream.</summary>
internal interface IStreamListener
{
    /// <param name="at">When its bytes were read from the socket, in ticks of <see cref="Stopwatch"/>.</param>
    void Event(int stream, ReadOnlySpan<byte> data, long at);

    /// <summary>The server, not this tool, ended the stream.</summary>
    void Ended(int stream, Exception reason);
}

/// <summary>One Server-Sent Events connection.</summary>
internal sealed class LiveStream : IDisposable
{
    private readonly Socket _socket;
    private readonly int _number;
    private readonly IStreamListener _listener;
    private readonly ResponseParser _response = new();
    private readonly SseParser _events;
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly BodyBytes _onBody;
    private volatile bool _disposed;
    private long _at;

    private LiveStream(Socket socket, int number, IStreamListener listener)
    {
        (_socket, _number, _listener) = (socket, number, listener);
        _events = new SseParser((_, _, data) => _listener.Event(_number, data, _at));
        _onBody = bytes => { _ready.TrySetResult(); _events.Feed(bytes); };
    }

    /// <summary>The receive loop; it never fails, what ends it is told to the listener.</summary>
    public Task Reading { get; private set; } = Task.CompletedTask;

    /// <returns>A stream whose first bytes (a comment or an event: the subscription is there) have come.</returns>
    public static async Task<LiveStream> Open(Target target, string user, int number, IStreamListener listener, TimeSpan timeout)
    {
        var stream = new LiveStream(await HttpConnection.Connect(target, timeout), number, listener);
        try
        {
            stream._socket.Send(Requests.Stream(target, user));
            stream.Reading = stream.Read();
            await stream._ready.Task.WaitAsync(timeout);
            return stream;
        }
        catch (Exception e)
        {
            stream.Dispose();
            if (e is TimeoutException) throw new ProtocolException("stream did not open in time");
            throw;
        }
    }

    private async Task Read()
    {
        var buffer = new byte[2048];
        try
        {
            while (true)
            {
                var read = await _socket.ReceiveAsync(buffer.AsMemory(), SocketFlags.None);
                _at = Stopwatch.GetTimestamp();
                if (read == 0) throw new ProtocolException("stream ended");
                _response.Feed(buffer.AsSpan(0, read), _onBody);
                if (_response.HeadRead && _response.Status != 200) throw new ProtocolException($"stream: status {_response.Status}");
                if (_response.Done) throw new ProtocolException("stream ended");
            }
        }
        catch (Exception e) when (Sample.IsWire(e))
        {
            if (!_ready.TrySetException(e) && !_disposed) _listener.Ended(_number, e);
        }
    }

    public void Dispose()
    {
        _disposed = true;
        _socket.Dispose();
    }
}
