using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace OrleansInbox.Bench;

/// <summary>One JSON line per target and series: the median of each figure, every round's figures, and every error. Lines with ratios follow.</summary>
internal sealed class Report(Options options, string mainFigure)
{
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private readonly OrderedDictionary<(string Target, string Series), List<Sample>> _samples = [];

    public bool HasErrors => _samples.Values.Any(rounds => rounds.Any(s => s.Errors.Count > 0));

    public void Add(Target target, Sample sample)
    {
        if (!_samples.TryGetValue((target.Name, sample.Series), out var rounds)) _samples[(target.Name, sample.Series)] = rounds = [];
        rounds.Add(sample);
    }

    /// <param name="interrupted">Not all rounds were run.</param>
    public IEnumerable<string> Lines(bool interrupted)
    {
        foreach (var ((target, series), rounds) in _samples)
        {
            var line = Head(target, series);
            line["ok"] = !interrupted && rounds.All(s => s.Errors.Count == 0);
            if (interrupted) line["interrupted"] = true;
            line["errors"] = new JsonObject(rounds.SelectMany(s => s.Errors).GroupBy(e => e.Key).Select(g => KeyValuePair.Create(g.Key, (JsonNode?)g.Sum(e => e.Value))));
            line["median"] = Figures(Medians(rounds));
            line["rounds"] = new JsonArray([.. rounds.Select(s => Figures(s.Figures))]);
            line["settings"] = Settings();
            yield return line.ToJsonString(Plain);
        }
        if (options.RatioTo is not { } to || interrupted) yield break;
        foreach (var series in _samples.Keys.Select(k => k.Series).Distinct()) yield return Ratios(to, series).ToJsonString(Plain);
    }

    /// <summary>One round in a line for people.</summary>
    public static string Round(Target target, int round, Sample sample)
    {
        var figures = string.Join(" ", sample.Figures.Where(f => !f.Key.StartsWith("bytes", StringComparison.Ordinal)).Select(f => $"{f.Key}={(double.IsFinite(f.Value) ? Rounded(f.Value).ToString(CultureInfo.InvariantCulture) : "–")}"));
        var errors = string.Join(", ", sample.Errors.Select(e => $"{e.Value} × {e.Key}"));
        return $"round {round + 1} {target.Name}{(sample.Series.Length > 0 ? " " + sample.Series : "")}: {figures}{(errors.Length > 0 ? $"  ERRORS: {errors}" : "")}";
    }

    /// <summary>Figure by figure; a figure that a round could not give is left out of its median.</summary>
    internal static OrderedDictionary<string, double> Medians(IReadOnlyList<Sample> rounds)
    {
        var medians = new OrderedDictionary<string, double>();
        foreach (var name in rounds.SelectMany(s => s.Figures.Keys).Distinct())
        {
            var values = rounds.Select(s => s.Figures.GetValueOrDefault(name, double.NaN)).Where(v => !double.IsNaN(v)).Order().ToArray();
            if (values.Length > 0) medians[name] = (values[(values.Length - 1) / 2] + values[values.Length / 2]) / 2;
        }
        return medians;
    }

    private JsonObject Ratios(string to, string series)
    {
        var line = Head(null, series);
        line["figure"] = mainFigure;
        line["ratioTo"] = to;
        var ratios = new JsonObject();
        // A figure with errors behind it is no result, and neither is a ratio with it.
        var clean = _samples.Where(s => s.Key.Series == series && s.Value.All(r => r.Errors.Count == 0))
            .ToDictionary(s => s.Key.Target, s => Medians(s.Value).GetValueOrDefault(mainFigure, double.NaN));
        foreach (var target in options.Targets)
            ratios[target.Name] = clean.TryGetValue(target.Name, out var mine) && clean.TryGetValue(to, out var theirs) ? Number(mine / theirs) : null;
        line["ratios"] = ratios;
        return line;
    }

    private JsonObject Head(string? target, string series)
    {
        var line = new JsonObject { ["verb"] = OptionsReader.Lower(options.Verb) };
        if (series.Length > 0) line["page"] = series;
        if (target is not null) line["target"] = target;
        return line;
    }

    private JsonObject Settings()
    {
        var settings = new JsonObject();
        foreach (var (name, value) in new (string, double)[] { ("connections", options.Connections), ("users", options.Users), ("streams", options.Streams), ("rate", options.Rate), ("entries", options.Entries), ("limit", options.Limit), ("count", options.Count), ("seconds", options.Seconds.TotalSeconds), ("warmup", options.Warmup.TotalSeconds), ("rounds", options.Rounds) })
            if (value != 0) settings[name] = value;
        return settings;
    }

    private static JsonObject Figures(OrderedDictionary<string, double> figures) => new(figures.Select(f => KeyValuePair.Create(f.Key, Number(f.Value))));

    private static JsonNode? Number(double value) => double.IsFinite(value) ? Rounded(value) : null;

    private static decimal Rounded(double value) => Math.Round((decimal)value, Math.Abs(value) >= 1000 ? 0 : 3);
}
