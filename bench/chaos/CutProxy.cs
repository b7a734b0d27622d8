using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace OrleansInbox.Chaos;

/// <summary>Stands between clients and a server, a front-end or a Redis, and cuts or slows what goes through.</summary>
internal sealed class CutProxy : IDisposable
{
    private readonly TcpListener _listener;
    private readonly int _target;
    private readonly ConcurrentDictionary<Socket, bool> _open = new();

    /// <summary>The connections of replicas, each with its other end.</summary>
    private readonly ConcurrentDictionary<Socket, Socket> _replicas = new();
    private volatile bool _slow;
    private volatile bool _withoutReplicas;

    public CutProxy(int port, int target)
    {
        (Port, _target) = (port, target);
        _listener = new TcpListener(IPAddress.Loopback, port);
        _listener.Start(512);
        _ = Accept();
    }

    public int Port { get; }

    /// <summary>Every connection breaks, in the middle of whatever it carries.</summary>
    public void Cut()
    {
        foreach (var (socket, _) in _open) Break(socket);
    }

    /// <summary>What goes through is held up by a tenth of a second, time and again.</summary>
    public void Slow(bool slow) => _slow = slow;

    /// <summary>Of a Redis: whether its replicas are cut off, while its clients are not.</summary>
    public void CutReplicas(bool cut)
    {
        _withoutReplicas = cut;
        if (!cut) return;
        foreach (var (replica, master) in _replicas)
        {
            Break(replica);
            Break(master);
        }
    }

    public void Dispose()
    {
        _listener.Dispose();
        Cut();
    }

    private async Task Accept()
    {
        while (true)
        {
            try
            {
                _ = Serve(await _listener.AcceptSocketAsync());
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task Serve(Socket client)
    {
        using var server = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        client.NoDelay = true;
        try
        {
            _open[client] = true;
            await server.ConnectAsync(IPAddress.Loopback, _target);
            _open[server] = true;
            await Task.WhenAny(Pump(client, server, isRequest: true), Pump(server, client, isRequest: false));
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The server is away.
        }
        finally
        {
            _replicas.TryRemove(client, out _);
            _open.TryRemove(client, out _);
            _open.TryRemove(server, out _);
            Break(server);
            Break(client);
        }
    }

    private async Task Pump(Socket from, Socket to, bool isRequest)
    {
        var buffer = new byte[16 * 1024];
        try
        {
            while (await from.ReceiveAsync(buffer) is > 0 and var count)
            {
                if (_slow) await Task.Delay(100);
                if (isRequest && buffer.AsSpan(0, count).IndexOf("REPLCONF"u8) >= 0) _replicas[from] = to; // says a replica before it asks for anything
                if (_withoutReplicas && (_replicas.ContainsKey(from) || _replicas.ContainsKey(to))) return;
                for (var sent = 0; sent < count;) sent += await to.SendAsync(buffer.AsMemory(sent, count - sent));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Cut, or gone.
        }
    }

    /// <summary>With a reset, so that nothing that is under way arrives any more.</summary>
    private static void Break(Socket socket)
    {
        try
        {
            socket.LingerState = new LingerOption(true, 0);
            socket.Dispose();
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It is broken already.
        }
    }
}
