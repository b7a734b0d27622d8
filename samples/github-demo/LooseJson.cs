using System.Text.Json;

namespace OrleansInbox.Samples.GithubDemo;

/// <summary>Reads JSON of which nothing is certain: what is not there, or is of another kind, is null.</summary>
internal static class LooseJson
{
    public static JsonElement? Object(this JsonElement? from, string name) =>
        from is { ValueKind: JsonValueKind.Object } parent && parent.TryGetProperty(name, out var found) && found.ValueKind == JsonValueKind.Object ? found : null;

    public static JsonElement? Object(this JsonElement from, string name) => Object((JsonElement?)from, name);

    public static string? Text(this JsonElement? from, string name)
    {
        if (from is not { ValueKind: JsonValueKind.Object } parent || !parent.TryGetProperty(name, out var found) || found.ValueKind != JsonValueKind.String)
            return null;
        try
        {
            return found.GetString();
        }
        catch (InvalidOperationException)
        {
            return null; // an escaped half of a surrogate pair is JSON, but no text
        }
    }

    public static string? Text(this JsonElement from, string name) => Text((JsonElement?)from, name);

    public static long? Number(this JsonElement? from, string name) =>
        from is { ValueKind: JsonValueKind.Object } parent && parent.TryGetProperty(name, out var found)
        && found.ValueKind == JsonValueKind.Number && found.TryGetInt64(out var number) ? number : null;

    public static bool Flag(this JsonElement? from, string name) =>
        from is { ValueKind: JsonValueKind.Object } parent && parent.TryGetProperty(name, out var found) && found.ValueKind == JsonValueKind.True;

    public static IEnumerable<JsonElement> List(this JsonElement? from, string name) =>
        from is { ValueKind: JsonValueKind.Object } parent && parent.TryGetProperty(name, out var found) && found.ValueKind == JsonValueKind.Array
            ? found.EnumerateArray() : [];
}
