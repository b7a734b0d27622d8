using OrleansInbox.Bench;

namespace OrleansInbox.Tests.Bench;

public sealed class HistogramTests
{
    [Fact]
    public void Percentiles_are_at_most_a_hundredth_off()
    {
        var random = new Random(1);
        var histogram = new Histogram();
        var all = Enumerable.Range(0, 20_000).Select(_ => (long)Math.Exp(random.NextDouble() * 20)).ToList();
        foreach (var value in all) histogram.Record(value);
        all.Sort();
        foreach (var share in new[] { 0.01, 0.5, 0.9, 0.99, 0.999, 1 })
        {
            var exact = all[(int)Math.Ceiling(share * all.Count) - 1] / 1000.0;
            Assert.InRange(histogram.Percentile(share), exact, exact * 1.01);
        }
        Assert.Equal(all[^1] / 1000.0, histogram.Max);
        Assert.Equal(all.Count, histogram.Count);
    }

    [Fact]
    public void Odd_values_have_a_place()
    {
        var histogram = new Histogram();
        histogram.Record(-5);
        Assert.Equal(0, histogram.Percentile(1));
        histogram.Record(long.MaxValue);
        Assert.Equal(((1L << 36) - 1) / 1000.0, histogram.Percentile(1));
    }

    [Fact]
    public void Without_values_there_is_no_percentile() => Assert.True(double.IsNaN(new Histogram().Percentile(0.5)));

    [Fact]
    public void A_median_is_taken_figure_by_figure_and_skips_what_is_missing()
    {
        Sample[] rounds = [new() { ["a"] = 3, ["b"] = 1 }, new() { ["a"] = 1, ["b"] = double.NaN }, new() { ["a"] = 2, ["b"] = 4 }];
        var medians = Report.Medians(rounds);
        Assert.Equal((2, 2.5), (medians["a"], medians["b"]));
    }
}
