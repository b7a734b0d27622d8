using System.Buffers;

namespace OrleansInbox.Bench;

/// <summary>One event; the spans are valid during the call only.</summary>
internal delegate void SseEvent(ReadOnlySpan<byte> name, ReadOnlySpan<byte> id, ReadOnlySpan<byte> data);

/// <summary>Reads an event stream incrementally (WHATWG HTML, 9.2.6): lines end with LF or CR LF, an empty line ends the event. Events without data are dropped, as browsers do.</summary>
internal sealed class SseParser(SseEvent onEvent)
{
    private const int MaxEvent = 1024 * 1024;
    private readonly ArrayBufferWriter<byte> _line = new();
    private readonly ArrayBufferWriter<byte> _data = new();
    private byte[] _name = [];
    private byte[] _id = [];

    public void Feed(ReadOnlySpan<byte> bytes)
    {
        while (bytes.IndexOf((byte)'\n') is >= 0 and var at)
        {
            if (_line.WrittenCount == 0) Line(bytes[..at]);
            else
            {
                _line.Write(bytes[..at]);
                Line(_line.WrittenSpan);
                _line.ResetWrittenCount();
            }
            bytes = bytes[(at + 1)..];
        }
        if (bytes.Length == 0) return;
        if (_line.WrittenCount + _data.WrittenCount > MaxEvent) throw new ProtocolException("event without end");
        _line.Write(bytes);
    }

    private void Line(ReadOnlySpan<byte> line)
    {
        if (line.EndsWith("\r"u8)) line = line[..^1];
        if (line.Length == 0) { Dispatch(); return; }
        var colon = line.IndexOf((byte)':');
        if (colon == 0) return; // a comment
        var field = colon < 0 ? line : line[..colon];
        var value = colon < 0 ? default : line[(colon + 1)..];
        if (value.StartsWith(" "u8)) value = value[1..];
        if (field.SequenceEqual("data"u8))
        {
            _data.Write(value);
            _data.Write("\n"u8);
        }
        else if (field.SequenceEqual("event"u8)) { if (!value.SequenceEqual(_name)) _name = value.ToArray(); }
        else if (field.SequenceEqual("id"u8)) _id = value.ToArray();
    }

    private void Dispatch()
    {
        if (_data.WrittenCount > 0) onEvent(_name, _id, _data.WrittenSpan[..^1]);
        _data.ResetWrittenCount();
        if (_name.Length > 0) _name = [];
    }
}
