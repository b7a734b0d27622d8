using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace OrleansInbox.Bench.Comparisons;

/// <summary>Reads the JSON document of a run.</summary>
internal sealed partial class ComparisonResult(JsonObject run)
{
    /// <summary>A server that took part.</summary>
    public sealed record Participant(string Name, bool IsOurs)
    {
        public string Label => Name switch
        {
            OurServer.OnRedis => "OrleansInbox, Redis",
            OurServer.OnSqlite => "OrleansInbox, SQLite",
            _ => Name,
        };
    }

    public static ComparisonResult Parse(string json)
    {
        try
        {
            if (JsonNode.Parse(json) is JsonObject run && run["targets"] is JsonArray && run["steps"] is JsonArray) return new ComparisonResult(run);
            throw new ComparisonException("the file is not the JSON of a comparison");
        }
        catch (JsonException e)
        {
            throw new ComparisonException($"the file is not the JSON of a comparison: {e.Message}");
        }
    }

    public IReadOnlyList<Participant> Participants { get; } =
        [.. run["targets"]!.AsArray().Select(t => new Participant(t!["name"]!.GetValue<string>(), t["ours"]!.GetValue<bool>()))];

    /// <summary>The figures that somebody was asked for.</summary>
    public IEnumerable<Figure> Figures => Figure.All.Where(f => LinesOf(f.Step).Any());

    public bool HasErrors => run["steps"]!.AsArray().SelectMany(s => s!["lines"]!.AsArray()).Any(line => !IsOk(line!));

    /// <summary>One sentence: when, where, how many rounds.</summary>
    public string Circumstances =>
        $"{run["time"]}, {run["machine"]?["cores"]} cores ({run["machine"]?["processor"]}), load before the run {run["machine"]?["loadBefore"]}, medians of {run["rounds"]} round{(run["rounds"]?.GetValue<int>() == 1 ? "" : "s")}"
        + (run["quick"]?.GetValue<bool>() == true ? "; **a quick run: it shows that everything answers, its figures mean nothing**" : "");

    public bool TookPart(Figure figure, Participant participant) => Line(figure, participant) is not null;

    /// <returns>Null without a valid figure: the server did not take part, or a round had errors.</returns>
    public double? Value(Figure figure, Participant participant) =>
        Line(figure, participant) is { } line && IsOk(line) ? line["median"]?[figure.Name]?.GetValue<double>() : null;

    public string Label(Figure figure) => Placeholder().Replace(figure.Label, match =>
        LinesOf(figure.Step).First()["settings"]?[match.Groups[1].Value]?.GetValue<double>().ToString("N0", CultureInfo.InvariantCulture) ?? "?");

    /// <returns>What went wrong, one sentence for each server and step.</returns>
    public IEnumerable<string> Errors =>
        from step in run["steps"]!.AsArray()
        from line in step["lines"]!.AsArray()
        where !IsOk(line)
        select $"{step["step"]}, {line["target"]}: {string.Join(", ", line["errors"]!.AsObject().Select(e => $"{e.Value} × {e.Key}"))}";

    private JsonNode? Line(Figure figure, Participant participant) => LinesOf(figure.Step).FirstOrDefault(line => (string?)line["target"] == participant.Name);

    private IEnumerable<JsonNode> LinesOf(string step) =>
        run["steps"]!.AsArray().Where(s => (string?)s!["step"] == step).SelectMany(s => s!["lines"]!.AsArray()).OfType<JsonNode>();

    private static bool IsOk(JsonNode line) => line["ok"]?.GetValue<bool>() == true;

    [GeneratedRegex(@"\{(\w+)\}")]
    private static partial Regex Placeholder();
}
