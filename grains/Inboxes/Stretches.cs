namespace OrleansInbox.Inboxes;

/// <summary>Joins ranges of seqs to stretches, each of which is one read of the log. What lies between its ranges is read too, and has to be passed over.</summary>
internal static class Stretches
{
    /// <summary>How many seqs one read covers at most.</summary>
    public const int MaxLength = 200;

    /// <param name="ranges">In the order of reading.</param>
    /// <param name="wanted">The first stretch ends where it has so many of the ranges' seqs. Who needs more found less than was expected, and gets long ones.</param>
    /// <param name="newestFirst">The order of reading.</param>
    public static IEnumerable<SeqRange> Of(IEnumerable<SeqRange> ranges, long wanted, bool newestFirst)
    {
        long start = 0, end = 0, count = 0;
        foreach (var range in ranges)
        {
            var (from, to) = newestFirst ? (-range.To, -range.From) : (range.From, range.To); // downwards is upwards among the negative
            while (from <= to)
            {
                if (count >= wanted || count > 0 && from - start >= MaxLength)
                {
                    yield return Stretch();
                    (count, wanted) = (0, MaxLength);
                }
                if (count == 0) start = from;
                var taken = Math.Min(to - from + 1, Math.Min(wanted - count, start + MaxLength - from));
                (count, from, end) = (count + taken, from + taken, from + taken - 1);
            }
        }
        if (count > 0) yield return Stretch();

        SeqRange Stretch() => newestFirst ? new(-end, -start) : new(start, end);
    }
}
