using System.Buffers;
using System.Buffers.Text;

namespace OrleansInbox.Bench;

/// <summary>Body bytes of one response, in order, as they come.</summary>
internal delegate void BodyBytes(ReadOnlySpan<byte> bytes);

/// <summary>Reads HTTP/1.1 responses incrementally: status, then a body by Content-Length or in chunks. Nothing else of a response is looked at.</summary>
internal sealed class ResponseParser
{
    private const int MaxHead = 32 * 1024;
    private enum Part { Head, Sized, ChunkSize, Chunk, ChunkEnd, Trailer, Done }

    private readonly ArrayBufferWriter<byte> _line = new();
    private Part _part = Part.Head;
    private long _left;

    public int Status { get; private set; }
    public bool HeadRead => _part != Part.Head;
    public bool Done => _part == Part.Done;

    /// <summary>The server closes after this response.</summary>
    public bool Closes { get; private set; }

    public void Reset()
    {
        (_part, _left, Status, Closes) = (Part.Head, 0, 0, false);
        _line.ResetWrittenCount();
    }

    /// <exception cref="ProtocolException">This is no HTTP/1.1 response, or more came than belongs to it.</exception>
    public void Feed(ReadOnlySpan<byte> bytes, BodyBytes? body)
    {
        while (bytes.Length > 0)
        {
            switch (_part)
            {
                case Part.Head:
                    if (Upto(ref bytes, "\r\n\r\n"u8, out var head)) ReadHead(head);
                    break;
                case Part.Sized or Part.Chunk:
                    var take = (int)Math.Min(_left, bytes.Length);
                    body?.Invoke(bytes[..take]);
                    bytes = bytes[take..];
                    if ((_left -= take) == 0) _part = _part == Part.Sized ? Part.Done : Part.ChunkEnd;
                    break;
                case Part.ChunkSize:
                    if (Upto(ref bytes, "\r\n"u8, out var size)) ReadChunkSize(size);
                    break;
                case Part.ChunkEnd:
                    if (Upto(ref bytes, "\r\n"u8, out var end)) _part = end.Length == 0 ? Part.ChunkSize : throw new ProtocolException("chunk is longer than its size");
                    break;
                case Part.Trailer:
                    if (Upto(ref bytes, "\r\n"u8, out var trailer) && trailer.Length == 0) _part = Part.Done;
                    break;
                default:
                    throw new ProtocolException("more bytes than the response has");
            }
        }
    }

    /// <summary>Cuts off what ends with <paramref name="mark"/>; what is incomplete is kept until the rest comes.</summary>
    private bool Upto(ref ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> mark, out ReadOnlySpan<byte> found)
    {
        if (_line.WrittenCount == 0 && bytes.IndexOf(mark) is >= 0 and var at)
        {
            found = bytes[..at];
            bytes = bytes[(at + mark.Length)..];
            return true;
        }
        // The mark itself may be cut in two: look at what was kept together with what came.
        var kept = _line.WrittenCount;
        if (kept > MaxHead) throw new ProtocolException("headers without end");
        _line.Write(bytes);
        var start = Math.Max(0, kept - mark.Length + 1);
        var place = _line.WrittenSpan[start..].IndexOf(mark);
        found = default;
        if (place < 0) { bytes = default; return false; }
        found = _line.WrittenSpan[..(start + place)];
        bytes = bytes[(start + place + mark.Length - kept)..];
        _line.ResetWrittenCount(); // the span stays readable until the next write
        return true;
    }

    private void ReadHead(ReadOnlySpan<byte> head)
    {
        if (!head.StartsWith("HTTP/1.1 "u8) || head.Length < 12 || !Utf8Parser.TryParse(head[9..12], out int status, out _))
            throw new ProtocolException("no HTTP/1.1 response");
        Status = status;
        long? length = null;
        var chunked = false;
        for (var rest = head; rest.IndexOf("\r\n"u8) is >= 0 and var at;)
        {
            rest = rest[(at + 2)..];
            // By the first letter, so that the usual header costs one comparison.
            if (((rest[0] | 0x20) is not ((byte)'c' or (byte)'t'))) continue;
            if (Value(rest, "content-length:"u8) is { IsEmpty: false } text) length = Utf8Parser.TryParse(text, out long n, out _) ? n : throw new ProtocolException("bad Content-Length");
            else if (Value(rest, "transfer-encoding:"u8) is { IsEmpty: false } coding) chunked = coding.StartsWith("chunked"u8);
            else if (Value(rest, "connection:"u8) is { IsEmpty: false } connection) Closes = connection.StartsWith("close"u8);
        }
        if (status is 204 or 304 or < 200) (_part, _left) = (Part.Done, 0);
        else if (chunked) _part = Part.ChunkSize;
        else if (length is { } known) (_part, _left) = (known == 0 ? Part.Done : Part.Sized, known);
        else (_part, _left) = (Part.Sized, long.MaxValue); // until the server closes: a stream of an older server
    }

    private static ReadOnlySpan<byte> Value(ReadOnlySpan<byte> line, ReadOnlySpan<byte> name)
    {
        if (line.Length < name.Length || !System.Text.Ascii.EqualsIgnoreCase(line[..name.Length], name)) return default;
        var value = line[name.Length..];
        var end = value.IndexOf((byte)'\r');
        return (end < 0 ? value : value[..end]).Trim((byte)' ');
    }

    private void ReadChunkSize(ReadOnlySpan<byte> line)
    {
        var semicolon = line.IndexOf((byte)';');
        if (semicolon >= 0) line = line[..semicolon];
        if (!Utf8Parser.TryParse(line, out long size, out var used, 'x') || used != line.Length || size < 0) throw new ProtocolException("bad chunk size");
        (_part, _left) = (size == 0 ? Part.Trailer : Part.Chunk, size);
    }
}
