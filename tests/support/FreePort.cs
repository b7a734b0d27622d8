using System.Net;
using System.Net.Sockets;

namespace OrleansInbox.Tests;

internal static class FreePort
{
    // Below those that the kernel gives to outgoing connections (32768 and up on Linux): one of them may take a port before the caller listens on it.
    private const int _first = 20_000;
    private const int _count = 10_000;
    private static int _next = Random.Shared.Next(_count);

    /// <summary>A TCP port of 127.0.0.1 that nobody listens on, and that this process is given once.</summary>
    public static int Next()
    {
        while (true)
        {
            var port = _first + (int)((uint)Interlocked.Increment(ref _next) % _count);
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
                return port;
            }
            catch (SocketException taken) when (taken.SocketErrorCode == SocketError.AddressAlreadyInUse)
            {
                // The next one then.
            }
        }
    }
}
