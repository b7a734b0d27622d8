using System.Text.Json;
using System.Text.Unicode;

namespace OrleansInbox;

/// <summary>The body of a request, wherever it came in: the same limit, the same strictness, the same sentences.</summary>
public static class JsonBody
{
    public const int MaxBytes = 64 * 1024;

    /// <summary>Of a request that names many users.</summary>
    public const int MaxBytesOfMany = 256 * 1024;

    public static string TooLarge(int maxBytes = MaxBytes) => $"A request has at most {maxBytes / 1024} KiB.";

    /// <summary>Parses one JSON object.</summary>
    /// <param name="utf8">Well-formed UTF-8, valid until the parser returns.</param>
    /// <param name="errors">What is wrong.</param>
    public delegate T? Parser<T>(ReadOnlySpan<byte> utf8, FieldErrors errors) where T : class;

    /// <returns>What was parsed; null when there are errors.</returns>
    public static T? Parse<T>(ReadOnlySpan<byte> utf8, Parser<T> parser, FieldErrors errors) where T : class
    {
        if (!Utf8.IsValid(utf8))
        {
            errors.Add(FieldErrors.Whole, "The body is not UTF-8.");
            return null;
        }
        try
        {
            var value = parser(utf8, errors);
            return errors.IsEmpty ? value : null;
        }
        catch (JsonException malformed)
        {
            errors.Clear(); // what was found before is a part of something that is no body
            errors.Add(FieldErrors.Whole, $"The body is not JSON: line {malformed.LineNumber + 1}, byte {malformed.BytePositionInLine + 1}.");
            return null;
        }
    }
}
