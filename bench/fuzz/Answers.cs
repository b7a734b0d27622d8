using System.Globalization;
using System.Text;

namespace OrleansInbox.Fuzz;

/// <summary>All that a server sent on one connection, taken apart into statuses (RFC 9112).</summary>
internal static class Answers
{
    private static readonly byte[] _preface = [0, 0, 8, 7, 0, 0, 0, 0]; // GOAWAY of HTTP/2, to its preface on a connection of HTTP/1.1

    /// <param name="bytes">Of one connection, to its end.</param>
    /// <param name="methods">Of the requests: HEAD has no body.</param>
    /// <returns>The statuses that are complete; null when this is no HTTP/1.1.</returns>
    public static List<int>? Read(ReadOnlySpan<byte> bytes, IReadOnlyList<string> methods)
    {
        var statuses = new List<int>();
        while (bytes.Length > 0 && !bytes.StartsWith(_preface))
        {
            var end = bytes.IndexOf("\r\n\r\n"u8);
            if (end < 0) return bytes.StartsWith("HTTP/1.1 "u8[..Math.Min(9, bytes.Length)]) ? statuses : null; // cut off
            var head = Encoding.Latin1.GetString(bytes[..end]).Split("\r\n");
            if (!head[0].StartsWith("HTTP/1.1 ", StringComparison.Ordinal) || !int.TryParse(head[0].AsSpan(9, 3), NumberStyles.None, CultureInfo.InvariantCulture, out var status)) return null;
            bytes = bytes[(end + 4)..];
            if (status < 200) continue;
            var method = statuses.Count < methods.Count ? methods[statuses.Count] : "";
            statuses.Add(status);
            if (method == "HEAD" || status is 204 or 304) continue;
            if (Value(head, "transfer-encoding: ") is not null)
            {
                if (!SkipChunks(ref bytes)) return statuses;
            }
            else if (int.TryParse(Value(head, "content-length: "), NumberStyles.None, CultureInfo.InvariantCulture, out var length))
            {
                if (bytes.Length < length) return statuses;
                bytes = bytes[length..];
            }
            else return statuses; // to the end
        }
        return statuses;
    }

    /// <summary>Every status line, wherever it stands: where the rest of a body was taken for a request, nobody knows which answer is to HEAD.</summary>
    public static List<int>? Scan(ReadOnlySpan<byte> bytes)
    {
        var answers = Encoding.Latin1.GetString(bytes).Split("HTTP/1.1 ");
        return answers[0].Length > 0 ? null : [.. answers.Skip(1).Select(answer => int.TryParse(answer.AsSpan(0, Math.Min(3, answer.Length)), NumberStyles.None, CultureInfo.InvariantCulture, out var status) ? status : 0)];
    }

    private static bool SkipChunks(ref ReadOnlySpan<byte> bytes)
    {
        while (true)
        {
            var line = bytes.IndexOf("\r\n"u8);
            if (line < 0 || !int.TryParse(Encoding.Latin1.GetString(bytes[..line]), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var size)) return false;
            if (bytes.Length < line + size + 4) return false;
            bytes = bytes[(line + size + 4)..];
            if (size == 0) return true;
        }
    }

    private static string? Value(string[] head, string name) =>
        head.FirstOrDefault(line => line.StartsWith(name, StringComparison.OrdinalIgnoreCase))?[name.Length..];
}
