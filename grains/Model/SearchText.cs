using System.Buffers;
using System.Text.Json;

namespace OrleansInbox;

/// <summary>Searches what a person reads of a notification.</summary>
public static class SearchText
{
    /// <param name="stored">As it is in the log.</param>
    /// <param name="text">Looked for in title, body and the actor's name, in whatever case.</param>
    public static bool IsIn(ReadOnlySpan<byte> stored, string text)
    {
        // No value is longer in UTF-16 than in UTF-8.
        var buffer = ArrayPool<char>.Shared.Rent(stored.Length);
        try
        {
            var reader = new Utf8JsonReader(stored);
            reader.Read();
            return IsIn(ref reader, text, buffer, isActor: false);
        }
        finally
        {
            ArrayPool<char>.Shared.Return(buffer);
        }
    }

    private static bool IsIn(ref Utf8JsonReader reader, string text, Span<char> buffer, bool isActor)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isText = isActor ? reader.ValueTextEquals("name"u8) : reader.ValueTextEquals("title"u8) || reader.ValueTextEquals("body"u8);
            var entersActor = !isActor && reader.ValueTextEquals("actor"u8);
            reader.Read();
            if (isText && reader.TokenType == JsonTokenType.String)
            {
                if (buffer[..reader.CopyString(buffer)].Contains(text, StringComparison.OrdinalIgnoreCase)) return true;
            }
            else if (entersActor && reader.TokenType == JsonTokenType.StartObject)
            {
                if (IsIn(ref reader, text, buffer, isActor: true)) return true;
            }
            else
            {
                reader.Skip();
            }
        }
        return false;
    }
}
