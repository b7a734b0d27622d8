using System.Buffers;
using System.Text.Json;
using System.Text.Unicode;

namespace OrleansInbox;

/// <summary>The publisher's own <c>data</c>: any JSON, kept as it was written but for the white space.</summary>
internal static class DataJson
{
    /// <summary>Inside an item, a page and an event it still stays below the 64 that most JSON parsers allow.</summary>
    private const int MaxDepth = 56;

    /// <summary>Why it may not be stored; null when it may.</summary>
    public static string? Refusal(byte[]? data)
    {
        if (data is null) return null;
        if (data.Length > NotificationRules.MaxDataBytes)
            return $"Must have at most {NotificationRules.MaxDataBytes} bytes as JSON; this has {data.Length}.";
        if (!Utf8.IsValid(data)) return "Must be UTF-8.";
        var reader = new Utf8JsonReader(data, new JsonReaderOptions { MaxDepth = MaxDepth });
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && reader.ValueIsEscaped && !IsWellFormed(ref reader))
                    return "Must be well-formed Unicode; a string has half of a surrogate pair.";
            }
            return null;
        }
        catch (JsonException)
        {
            return $"Must be one JSON value, at most {MaxDepth} levels deep.";
        }
    }

    /// <summary>Without the white space between tokens: one line, as a server-sent event needs it. The data is valid JSON.</summary>
    /// <returns>How many bytes were written; never more than came in.</returns>
    public static int Minify(ReadOnlySpan<byte> data, Span<byte> destination)
    {
        var length = 0;
        while (!data.IsEmpty)
        {
            var take = data.IndexOfAny(" \t\r\n\""u8);
            if (take < 0) take = data.Length;
            else if (data[take] == '"') take += StringLength(data[take..]);
            data[..take].CopyTo(destination[length..]);
            length += take;
            data = data[take..].TrimStart(" \t\r\n"u8);
        }
        return length;
    }

    /// <summary>With its quotes.</summary>
    private static int StringLength(ReadOnlySpan<byte> text)
    {
        var at = 1;
        while (true)
        {
            at += text[at..].IndexOfAny((byte)'"', (byte)'\\');
            if (text[at] == '"') return at + 1;
            at += 2; // what is escaped is not the end
        }
    }

    private static bool IsWellFormed(ref Utf8JsonReader reader)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(reader.ValueSpan.Length);
        try
        {
            _ = reader.CopyString(buffer);
            return true;
        }
        catch (InvalidOperationException) // the only way in which the reader says so
        {
            return false;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
