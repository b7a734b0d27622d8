using System.Globalization;

namespace OrleansInbox.Bench.Comparisons;

/// <summary>A run as Markdown: the figures, and how ours compare with each peer's.</summary>
internal static class ComparisonTable
{
    public static IEnumerable<string> Lines(ComparisonResult result)
    {
        yield return result.Circumstances;
        yield return "";
        yield return Row(["", .. result.Participants.Select(p => p.Label)]);
        yield return Row(result.Participants.Select(_ => "---").Prepend("---"));
        foreach (var figure in result.Figures)
            yield return Row([result.Label(figure), .. result.Participants.Select(p => Cell(result, figure, p))]);
        foreach (var error in result.Errors) yield return $"\n**Errors, so no figure:** {error}";
        var ours = result.Participants.Where(p => p.IsOurs).ToArray();
        var peers = result.Participants.Where(p => !p.IsOurs).ToArray();
        if (peers.Length == 0) yield break;
        yield return "";
        yield return $"How many times as good as a peer ({string.Join(" / ", ours.Select(p => p.Label))}; above 1 ours is better):";
        yield return "";
        yield return Row(["", .. peers.Select(p => p.Label)]);
        yield return Row(peers.Select(_ => "---").Prepend("---"));
        foreach (var figure in result.Figures.Where(f => peers.Any(p => result.Value(f, p) is not null)))
            yield return Row([result.Label(figure), .. peers.Select(peer => result.Value(figure, peer) is null ? "" : string.Join(" / ", ours.Select(p => Ratio(figure, result.Value(figure, p), result.Value(figure, peer)))))]);
    }

    private static string Cell(ComparisonResult result, Figure figure, ComparisonResult.Participant participant) =>
        result.Value(figure, participant) is { } value ? figure.Text(value) : result.TookPart(figure, participant) ? "errors" : "";

    private static string Ratio(Figure figure, double? ours, double? theirs)
    {
        var ratio = figure.LessIsBetter ? theirs / ours : ours / theirs;
        return ratio is { } value && double.IsFinite(value) ? value.ToString(value < 10 ? "0.00" : "0", CultureInfo.InvariantCulture) : "–";
    }

    private static string Row(IEnumerable<string> cells) => $"| {string.Join(" | ", cells)} |";
}
