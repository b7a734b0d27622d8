namespace OrleansInbox.Tests.Grains.Model;

public sealed class SeqRangesTests
{
    [Fact]
    public void Random_changes_agree_with_a_set_of_numbers_and_the_ranges_stay_minimal()
    {
        for (var seed = 0; seed < 2_000; seed++)
        {
            var random = new Random(seed);
            var (ranges, set) = (SeqRanges.Empty, new SortedSet<long>());
            for (var step = 0; step < 40; step++)
            {
                var from = random.NextInt64(0, 60);
                var to = from + random.NextInt64(-1, 8);
                var singles = Enumerable.Range(0, random.Next(10)).Select(_ => random.NextInt64(0, 60)).ToArray();
                switch (random.Next(6))
                {
                    case 0 or 1: ranges = ranges.Add(from, to); set.UnionWith(Numbers(from, to)); break;
                    case 2: ranges = ranges.Remove(from, to); set.ExceptWith(Numbers(from, to)); break;
                    case 3: ranges = ranges.Union(SeqRanges.Of(singles)); set.UnionWith(singles); break;
                    case 4: ranges = ranges.Except(SeqRanges.Of(singles)); set.ExceptWith(singles); break;
                    default: ranges = ranges.TrimBelow(from / 4); set.RemoveWhere(seq => seq < from / 4); break;
                }
                Assert.True(Agree(ranges, set, from, to), $"seed {seed}, step {step}: {ranges} is not {string.Join(',', set)}");
            }
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("7")]
    [InlineData("0-9223372036854775807")]
    [InlineData("1-40,43")]
    [InlineData("1-40,43,45-9223372036854775806")]
    public void The_text_reads_back(string text) => Assert.Equal(text, SeqRanges.Parse(text).ToString());

    [Theory]
    [InlineData("1,2,3-4", "1-4")]
    [InlineData("1-2,3", "1-3")]
    public void Neighbours_melt_when_read(string text, string melted) => Assert.Equal(melted, SeqRanges.Parse(text).ToString());

    [Theory]
    [InlineData(",")]
    [InlineData("1,")]
    [InlineData("5-1")]
    [InlineData("5,1")]
    [InlineData("1-5,5")]
    [InlineData("-1")]
    [InlineData("1-")]
    [InlineData("1 - 2")]
    [InlineData("x")]
    [InlineData("99999999999999999999")]
    public void What_is_no_ranges_is_refused(string text) => Assert.Throws<FormatException>(() => SeqRanges.Parse(text));

    [Fact]
    public void Nothing_overflows_at_the_end_of_the_numbers()
    {
        var all = SeqRanges.Empty.Add(long.MaxValue, long.MaxValue).Add(0, 3).Add(5, long.MaxValue - 1);
        Assert.Equal("0-3,5-9223372036854775807", all.ToString());
        Assert.Equal("0-3,5-9223372036854775806", all.Remove(long.MaxValue, long.MaxValue).ToString());
        Assert.Equal("4", SeqRanges.Of(4, 4).Except(all).ToString());
        Assert.Equal("", SeqRanges.Of(7, long.MaxValue).Except(all).ToString());
        Assert.Equal([new SeqRange(4, 4)], all.Gaps(0, long.MaxValue));
    }

    private static bool Agree(SeqRanges ranges, SortedSet<long> set, long from, long to)
    {
        var melted = SeqRanges.Of(set);
        var all = ranges.Within(0, 100).ToArray();
        var minimal = all.Zip(all.Skip(1)).All(pair => pair.First.To + 1 < pair.Second.From) && all.All(range => range.From <= range.To);
        var inside = Numbers(from, to).Where(set.Contains).ToArray();
        return minimal
            && ranges.Equals(melted) && ranges.GetHashCode() == melted.GetHashCode() && ranges.ToString() == melted.ToString()
            && ranges.Equals(SeqRanges.Parse(ranges.ToString()))
            && ranges.Count == set.Count
            && Numbers(0, 100).All(seq => ranges.Contains(seq) == set.Contains(seq))
            && ranges.CountWithin(from, to) == inside.Length
            && ranges.ContainsAll(from, to) == Numbers(from, to).All(set.Contains)
            && Flat(ranges.Within(from, to)).SequenceEqual(inside)
            && ranges.Within(from, to, newestFirst: true).Reverse().SequenceEqual(ranges.Within(from, to))
            && Flat(ranges.Gaps(from, to)).SequenceEqual(Numbers(from, to).Except(inside))
            && ranges.Gaps(from, to, newestFirst: true).Reverse().SequenceEqual(ranges.Gaps(from, to));
    }

    private static IEnumerable<long> Flat(IEnumerable<SeqRange> ranges) => ranges.SelectMany(range => Numbers(range.From, range.To));

    private static IEnumerable<long> Numbers(long from, long to)
    {
        for (var seq = from; seq <= to; seq++) yield return seq;
    }
}
