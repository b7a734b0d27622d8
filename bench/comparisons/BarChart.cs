using System.Globalization;
using System.Net;
using System.Text;

namespace OrleansInbox.Bench.Comparisons;

/// <summary>A run as SVG: a panel for each figure, in it a bar for each server that has it. Panels have scales of their own, since their units differ.</summary>
internal sealed class BarChart(ComparisonResult result, Palette palette)
{
    private const int Width = 900, Margin = 20, Gap = 40, Columns = 2;
    private const int PanelWidth = (Width - 2 * Margin - Gap) / Columns;
    private const int TitleHeight = 24, BarHeight = 14, BarStep = 19, PanelGap = 22;
    private const int NameWidth = 140, ValueWidth = 75, BarWidth = PanelWidth - NameWidth - ValueWidth;
    private readonly StringBuilder _svg = new();

    public string Draw()
    {
        var figures = result.Figures.Where(f => BarsOf(f).Count > 0).ToArray();
        // Row by row; both panels of a row get the height of the taller one.
        var y = Margin;
        foreach (var row in figures.Chunk(Columns))
        {
            for (var column = 0; column < row.Length; column++) Panel(row[column], Margin + column * (PanelWidth + Gap), y);
            y += TitleHeight + row.Max(f => BarsOf(f).Count) * BarStep + PanelGap;
        }
        var head = Format($"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{Width}\" height=\"{y}\" viewBox=\"0 0 {Width} {y}\" role=\"img\" font-family=\"system-ui, -apple-system, 'Segoe UI', sans-serif\" font-size=\"12\">\n")
            + $"<title>{Escape("OrleansInbox beside other servers: " + string.Join("; ", figures.Select(result.Label)))}</title>\n"
            + $"<rect width=\"100%\" height=\"100%\" fill=\"{palette.Page}\"/>\n";
        return head + _svg + "</svg>\n";
    }

    private void Panel(Figure figure, int x, int y)
    {
        // Otherwise a reader takes the longest bar for the best one.
        var hint = figure.LessIsBetter ? $"<tspan dx=\"8\" fill=\"{palette.Faint}\" font-weight=\"400\" font-size=\"10\">less is better</tspan>" : "";
        Text(x, y + 12, result.Label(figure), palette.Text, "font-weight=\"600\"", hint);
        var bars = BarsOf(figure);
        var longest = bars.Max(b => b.Value);
        y += TitleHeight;
        foreach (var (participant, value) in bars)
        {
            var length = longest > 0 ? Math.Max(1, Math.Max(0, value) / longest * BarWidth) : 1;
            Text(x + NameWidth - 8, y + 11, participant.Label, participant.IsOurs ? palette.Text : palette.Faint, "text-anchor=\"end\"");
            _svg.Append(Format($"<rect x=\"{x + NameWidth}\" y=\"{y}\" width=\"{length:0.#}\" height=\"{BarHeight}\" rx=\"2\" fill=\"{ColourOf(participant)}\"/>\n"));
            Text(x + NameWidth + (int)length + 6, y + 11, figure.Text(value), palette.Text);
            y += BarStep;
        }
    }

    private List<(ComparisonResult.Participant Participant, double Value)> BarsOf(Figure figure) =>
        [.. result.Participants.Where(p => result.Value(figure, p) is not null).Select(p => (p, result.Value(figure, p)!.Value))];

    private string ColourOf(ComparisonResult.Participant participant)
    {
        var alike = result.Participants.Where(p => p.IsOurs == participant.IsOurs).ToList();
        var colours = participant.IsOurs ? palette.Ours : palette.Peers;
        return colours[alike.IndexOf(participant) % colours.Count];
    }

    private void Text(int x, int y, string text, string colour, string attributes = "", string more = "") =>
        _svg.Append(Format($"<text x=\"{x}\" y=\"{y}\" fill=\"{colour}\" {attributes}>{Escape(text)}{more}</text>\n"));

    private static string Escape(string text) => WebUtility.HtmlEncode(text);

    private static string Format(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
