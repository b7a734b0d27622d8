using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace OrleansInbox.ClientApi.Live;

/// <summary>A server-sent event as it goes over the wire, rendered once and shared by all connections of the inbox.</summary>
internal sealed class SseFrame
{
    private SseFrame(InboxEvent source, byte[] bytes) => (IsAdded, Id, Marks, Bytes) = (source.Kind == InboxEventKind.Added, source.Id, source.MarksVersion, bytes);

    public bool IsAdded { get; }
    public NotificationId Id { get; }
    public long Marks { get; }
    public byte[] Bytes { get; }

    public static SseFrame Of(InboxEvent source) => new(source, source.Kind switch
    {
        InboxEventKind.Added => Added(source.Id, source.Data),
        InboxEventKind.Marked => [.. "event: marked\ndata: "u8, .. source.Data, .. "\n\n"u8],
        InboxEventKind.Acted => [.. "event: acted\ndata: "u8, .. source.Data, .. "\n\n"u8],
        InboxEventKind.Removed => [.. "event: removed\ndata: "u8, .. source.Data, .. "\n\n"u8],
        _ => throw new ArgumentOutOfRangeException(nameof(source), source.Kind, "Only what readers see has a frame."),
    });

    public static void WriteReady(IBufferWriter<byte> to, InboxPosition now, bool resumed) => Write(to,
        $"event: ready\nid: {now.Head}\ndata: {{\"counts\":{{\"unread\":{now.Counts.Unread},\"unseen\":{now.Counts.Unseen},\"total\":{now.Counts.Total},"
        + $"\"head\":{(now.Counts.Head is { } head ? $"\"{head}\"" : "null")},\"version\":{now.Counts.Version}}},\"resumed\":{(resumed ? "true" : "false")}}}\n\n");

    public static void WriteRetry(IBufferWriter<byte> to, int milliseconds) => Write(to, $"retry: {milliseconds}\n\n");

    private static void Write(IBufferWriter<byte> to, string text) => Encoding.UTF8.GetBytes(text, to);

    private static byte[] Added(NotificationId id, byte[] data)
    {
        Span<byte> idText = stackalloc byte[NotificationId.MaxLength];
        id.TryFormat(idText, out var idLength);
        return [.. "event: added\nid: "u8, .. idText[..idLength], .. "\ndata: "u8, .. data, .. "\n\n"u8];
    }
}
