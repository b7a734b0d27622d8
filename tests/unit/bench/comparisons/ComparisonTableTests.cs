using System.Xml.Linq;
using OrleansInbox.Bench.Comparisons;

namespace OrleansInbox.Tests.Bench.Comparisons;

/// <summary>Table and drawing of a run of known figures.</summary>
public sealed class ComparisonTableTests
{
    private const string Run = """
        {"time":"2026-01-01T00:00:00Z","quick":false,"rounds":3,"machine":{"cores":2,"processor":"P","loadBefore":"0.1"},
         "targets":[{"name":"ours-redis","ours":true},{"name":"ours-sqlite","ours":true},{"name":"sql & co","ours":false},{"name":"bare","ours":false}],
         "steps":[
          {"step":"connections","lines":[
           {"target":"ours-redis","ok":true,"errors":{},"median":{"pssBytesEach":15360},"settings":{"streams":5000}},
           {"target":"bare","ok":true,"errors":{},"median":{"pssBytesEach":10752},"settings":{"streams":5000}}]},
          {"step":"publish","lines":[
           {"target":"ours-redis","ok":true,"errors":{},"median":{"perSecond":31049},"settings":{"connections":64,"users":1000}},
           {"target":"ours-sqlite","ok":true,"errors":{},"median":{"perSecond":23910},"settings":{"connections":64,"users":1000}},
           {"target":"sql & co","ok":true,"errors":{},"median":{"perSecond":7600},"settings":{"connections":64,"users":1000}},
           {"target":"bare","ok":true,"errors":{},"median":{"perSecond":70600},"settings":{"connections":64,"users":1000}}]},
          {"step":"fanout1k","lines":[
           {"target":"ours-redis","ok":true,"errors":{},"median":{"p50Ms":1.234,"p99Ms":7.5},"settings":{"streams":1000,"rate":500}},
           {"target":"sql & co","ok":false,"errors":{"lost":3},"median":{"p50Ms":1,"p99Ms":2},"settings":{"streams":1000,"rate":500}}]}]}
        """;

    private static readonly string[] Lines = [.. ComparisonTable.Lines(ComparisonResult.Parse(Run))];

    [Theory]
    [InlineData("|  | OrleansInbox, Redis | OrleansInbox, SQLite | sql & co | bare |")]
    [InlineData("| publish, 64 connections, 1,000 users | 31,000/s | 23,900/s | 7,600/s | 70,600/s |")]
    [InlineData("| idle live stream, 5,000 of them: memory each | 15.0 KiB |  |  | 10.5 KiB |")]
    [InlineData("| 1,000 live streams, 500 publishes/s: delivery p50 | 1.23 ms |  | errors |  |")]
    public void A_row_has_a_cell_for_each_server_that_took_part(string row) => Assert.Contains(row, Lines);

    [Theory]
    [InlineData("| publish, 64 connections, 1,000 users | 4.09 / 3.15 | 0.44 / 0.34 |")]
    [InlineData("| idle live stream, 5,000 of them: memory each |  | 0.70 / – |")]
    public void Ratios_are_above_one_where_ours_is_better(string row) => Assert.Contains(row, Lines);

    [Fact]
    public void Errors_are_named_and_no_ratio_is_made_of_them()
    {
        Assert.Contains(Lines, line => line.Contains("fanout1k, sql & co: 3 × lost", StringComparison.Ordinal));
        Assert.Single(Lines, line => line.StartsWith("| 1,000 live streams, 500 publishes/s: delivery p99", StringComparison.Ordinal));
    }

    [Fact]
    public void A_quick_run_says_that_its_figures_mean_nothing()
    {
        Assert.DoesNotContain("quick", Lines[0], StringComparison.Ordinal);
        Assert.Contains("mean nothing", ComparisonTable.Lines(ComparisonResult.Parse(Run.Replace("\"quick\":false", "\"quick\":true", StringComparison.Ordinal))).First(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(31049, "31,000/s")]
    [InlineData(999.6, "1,000/s")]
    [InlineData(123.4, "123/s")]
    [InlineData(12.34, "12.3/s")]
    [InlineData(0.0456, "0.05/s")]
    [InlineData(0, "0/s")]
    public void Three_digits_are_shown(double value, string text) => Assert.Equal(text, new Figure("s", "f", "", "/s").Text(value));

    [Theory]
    [InlineData("not json")]
    [InlineData("{}")]
    public void Another_file_is_refused(string json) =>
        Assert.Contains("not the JSON of a comparison", Assert.Throws<ComparisonException>(() => ComparisonResult.Parse(json)).Message, StringComparison.Ordinal);

    [Fact]
    public void The_drawing_is_SVG_with_a_bar_for_each_figure_as_long_as_its_part_of_the_largest()
    {
        foreach (var palette in Palette.All)
        {
            var svg = XDocument.Parse(new BarChart(ComparisonResult.Parse(Run), palette).Draw()).Root!;
            XNamespace ns = "http://www.w3.org/2000/svg";
            var bars = svg.Elements(ns + "rect").Skip(1).Select(r => (double)r.Attribute("width")!).ToArray();
            Assert.Equal(8, bars.Length); // 4 of publish, 1 of each fan-out figure: no bar for errors, 2 of memory
            Assert.Equal(31049 / 70600.0, bars[0] / bars[3], 0.01);
            Assert.Equal(bars[3], bars.Max());
            Assert.Contains(svg.Elements(ns + "text"), t => t.Value == "sql & co");
            Assert.Equal(3, svg.Descendants(ns + "tspan").Count(t => t.Value == "less is better"));
            Assert.Equal(palette.Page, (string?)svg.Element(ns + "rect")!.Attribute("fill"));
        }
    }
}
