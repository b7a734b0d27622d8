using System.Buffers;

namespace OrleansInbox.Inboxes;

/// <summary>The data of server-sent events, each on one line.</summary>
internal static class EventJson
{
    private const int _keptCapacity = 256 * 1024;

    [ThreadStatic] private static ArrayBufferWriter<byte>? _buffer;

    public static byte[] Added(InboxState state, NotificationId id, ReadOnlySpan<byte> stored, long? replaced, bool isSilent)
    {
        var buffer = Buffer();
        buffer.Write("{\"item\":"u8);
        NotificationJson.WriteItem(buffer, id, stored, state.FlagsOf(id.Seq));
        if (replaced is { } seq)
        {
            buffer.Write(",\"replaces\":"u8);
            NotificationJson.WriteId(buffer, new(id.Epoch, seq));
        }
        if (isSilent) buffer.Write(",\"silent\":true"u8);
        buffer.Write(",\"counts\":"u8);
        NotificationJson.WriteCounts(buffer, state.Counts);
        buffer.Write("}"u8);
        return buffer.WrittenSpan.ToArray();
    }

    public static byte[] Changed(MarkChange change)
    {
        var buffer = Buffer();
        NotificationJson.WriteChange(buffer, change);
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>This thread's own, empty; use it up before the next await.</summary>
    public static ArrayBufferWriter<byte> Buffer()
    {
        if (_buffer is not { Capacity: <= _keptCapacity } buffer) return _buffer = new ArrayBufferWriter<byte>(4096);
        buffer.ResetWrittenCount();
        return buffer;
    }
}
