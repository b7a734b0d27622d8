using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace OrleansInbox.Tests.ClientApi;

/// <summary>As much of JSON Schema as the document uses.</summary>
internal sealed class JsonSchema(JsonNode document)
{
    public JsonNode Resolve(JsonNode node)
    {
        while (node is JsonObject o && o["$ref"] is { } reference)
            node = reference.GetValue<string>()[2..].Split('/').Aggregate(document, (at, name) => at[name]!);
        return node;
    }

    public IEnumerable<string> Violations(JsonNode? value, JsonNode schemaOrReference, string at = "$")
    {
        var schema = Resolve(schemaOrReference);
        if (schema["oneOf"] is JsonArray options)
        {
            if (options.Count(option => !Violations(value, option!, at).Any()) != 1) yield return $"{at} is not one of what it may be";
            yield break;
        }
        var types = schema["type"] switch { null => [], JsonArray many => many.Select(type => type!.GetValue<string>()).ToArray(), var one => [one.GetValue<string>()] };
        if (types.Length > 0 && !types.Contains(TypeOf(value)))
        {
            yield return $"{at} is {TypeOf(value)} and not {string.Join(" or ", types)}";
            yield break;
        }
        if (schema["enum"] is JsonArray values && !values.Any(allowed => JsonNode.DeepEquals(allowed, value))) yield return $"{at} is {value}";
        if (value is JsonValue text && TypeOf(value) == "string" && schema["pattern"] is { } pattern && !Regex.IsMatch(text.GetValue<string>(), pattern.GetValue<string>()))
            yield return $"{at} is {text}, which does not match {pattern}";
        if (value is JsonArray items && schema["items"] is { } itemSchema)
            foreach (var violation in items.SelectMany((item, i) => Violations(item, itemSchema, $"{at}[{i}]"))) yield return violation;
        if (value is not JsonObject members) yield break;

        foreach (var required in schema["required"]?.AsArray() ?? [])
            if (!members.ContainsKey(required!.GetValue<string>())) yield return $"{at}.{required} is missing";
        foreach (var (name, member) in members)
        {
            if (schema["properties"]?[name] is { } memberSchema)
                foreach (var violation in Violations(member, memberSchema, $"{at}.{name}")) yield return violation;
            else if (schema["additionalProperties"] is JsonValue forbidden && !forbidden.GetValue<bool>()) yield return $"{at}.{name} is not known";
        }
    }

    private static string TypeOf(JsonNode? value) => value?.GetValueKind() switch
    {
        null or JsonValueKind.Null => "null",
        JsonValueKind.Object => "object",
        JsonValueKind.Array => "array",
        JsonValueKind.String => "string",
        JsonValueKind.Number => "integer",
        _ => "boolean",
    };
}
