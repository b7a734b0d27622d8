using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace OrleansInbox.ClientApi.Http;

/// <summary>What the kernel knows of a connection, and this process may have been too slow to see.</summary>
internal static class SocketAge
{
    // Of linux/tcp.h: IPPROTO_TCP, TCP_INFO, and where tcpi_last_data_recv is in it.
    private const int _tcp = 6, _info = 11, _lastDataReceived = 52;

    /// <returns>The time since data came, read or not; null where the kernel does not say.</returns>
    public static TimeSpan? SinceLastByte(Socket socket)
    {
        if (!OperatingSystem.IsLinux()) return null;
        Span<byte> info = stackalloc byte[_lastDataReceived + sizeof(uint)];
        try
        {
            return socket.GetRawSocketOption(_tcp, _info, info) < info.Length ? null : TimeSpan.FromMilliseconds(MemoryMarshal.Read<uint>(info[_lastDataReceived..]));
        }
        catch (SocketException)
        {
            return null; // a connection by a Unix socket has no such thing
        }
        catch (ObjectDisposedException)
        {
            return TimeSpan.MaxValue; // the caller left
        }
    }
}
