using System.Buffers;
using System.Net;
using System.Net.Sockets;

namespace OrleansInbox.Fuzz;

/// <summary>Has one conversation, on a connection of its own.</summary>
internal static class Wire
{
    /// <summary>A server that says nothing for so long, and does not close, has lost the request.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(20);

    /// <summary>Then it is waiting for the rest of a request whose framing is ours to spoil: the client sends no more.</summary>
    private static readonly TimeSpan _enough = TimeSpan.FromMilliseconds(250);

    /// <returns>All that the server sent; null when it neither answers nor closes.</returns>
    public static async Task<byte[]?> Have(Conversation conversation, IPEndPoint server, CancellationToken stop)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(server, stop);
        var received = new ArrayBufferWriter<byte>();
        try
        {
            foreach (var piece in conversation.Pieces)
                await socket.SendAsync(piece, stop);
            if (conversation.End == Ending.HalfClose) socket.Shutdown(SocketShutdown.Send);
            if (conversation.End != Ending.Reset && !await Receive(socket, conversation, received, stop)) return null;
        }
        catch (SocketException)
        {
            // It closed while we were sending, and reset what came after that.
        }
        if (conversation.End is Ending.Reset or Ending.ResetWhenAnswered) socket.LingerState = new(enable: true, seconds: 0);
        return received.WrittenSpan.ToArray();
    }

    private static async Task<bool> Receive(Socket socket, Conversation conversation, ArrayBufferWriter<byte> received, CancellationToken stop)
    {
        var isSending = conversation.End != Ending.HalfClose;
        while (true)
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
            limit.CancelAfter(isSending && !conversation.IsPlain ? _enough : _patience);
            try
            {
                var count = await socket.ReceiveAsync(received.GetMemory(16 * 1024), limit.Token);
                received.Advance(count);
                if (count == 0 || conversation.End == Ending.ResetWhenAnswered) return true;
            }
            catch (OperationCanceledException) when (!stop.IsCancellationRequested)
            {
                if (!isSending || conversation.IsPlain) return false;
                socket.Shutdown(SocketShutdown.Send);
                isSending = false;
            }
        }
    }
}
