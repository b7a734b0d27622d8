namespace OrleansInbox;

/// <summary>
/// An immutable set of seqs as ranges: sorted, disjoint, and never adjacent, since neighbours melt. So there is one form for one set, and it is the
/// smallest. Looking up is O(log ranges), trimming too; other changes copy the ranges and never look at a single seq.
/// </summary>
public sealed partial class SeqRanges : IEquatable<SeqRanges>
{
    public static readonly SeqRanges Empty = new([], 0, 0);

    // from, to, from, to … Trimming shares the array: ranges before _first are gone, and the first one begins at _floor at the earliest.
    private readonly long[] _pairs;
    private readonly int _first;
    private readonly long _floor;

    private SeqRanges(long[] pairs, int first, long floor) => (_pairs, _first, _floor) = (pairs, first, floor);

    /// <summary>How many ranges.</summary>
    public int Ranges => _pairs.Length / 2 - _first;

    public bool IsEmpty => Ranges == 0;

    public SeqRange this[int range] => new(From(range + _first), To(range + _first));

    /// <summary>How many seqs.</summary>
    public long Count => CountWithin(0, long.MaxValue);

    public static SeqRanges Of(long from, long to) => to < from ? Empty : new([from, to], 0, 0);

    /// <summary>A set of single seqs, in any order; those that come twice count once.</summary>
    public static SeqRanges Of(IEnumerable<long> seqs)
    {
        var sorted = seqs.ToArray();
        Array.Sort(sorted);
        var built = new Builder(Math.Min(sorted.Length, 64));
        foreach (var seq in sorted) built.Append(seq, seq);
        return built.Build();
    }

    public bool Contains(long seq)
    {
        var range = FirstEndingAt(seq);
        return range < End && From(range) <= seq;
    }

    /// <summary>Whether every seq of the range is in the set.</summary>
    public bool ContainsAll(long from, long to)
    {
        if (to < from) return true;
        var range = FirstEndingAt(from);
        return range < End && From(range) <= from && To(range) >= to;
    }

    /// <summary>How many seqs of the set lie in the window.</summary>
    public long CountWithin(long from, long to)
    {
        var count = 0L;
        if (to < from) return count;
        for (var range = FirstEndingAt(from); range < End && From(range) <= to; range++)
            count += Math.Min(To(range), to) - Math.Max(From(range), from) + 1;
        return count;
    }

    public SeqRanges Add(long from, long to)
    {
        if (ContainsAll(from, to)) return this;
        // What overlaps or touches [from, to] becomes one range; from - 1 and From - 1 cannot overflow, to + 1 could.
        var low = FirstEndingAt(from - 1);
        var high = low;
        while (high < End && From(high) - 1 <= to) high++;
        if (high > low) (from, to) = (Math.Min(from, From(low)), Math.Max(to, To(high - 1)));
        var built = new Builder(Ranges + 1);
        built.Append(this, _first, low);
        built.Append(from, to);
        built.Append(this, high, End);
        return built.Build();
    }

    public SeqRanges Remove(long from, long to)
    {
        var low = FirstEndingAt(from);
        var high = low;
        while (high < End && From(high) <= to) high++;
        if (to < from || high == low) return this;
        var built = new Builder(Ranges + 1);
        built.Append(this, _first, low);
        if (From(low) < from) built.Append(From(low), from - 1);
        if (To(high - 1) > to) built.Append(to + 1, To(high - 1));
        built.Append(this, high, End);
        return built.Build();
    }

    /// <summary>Everything below the floor is gone. Copies nothing, since this happens with an append.</summary>
    public SeqRanges TrimBelow(long floor)
    {
        if (IsEmpty || From(_first) >= floor) return this;
        var first = FirstEndingAt(floor);
        return first == End ? Empty : new(_pairs, first, floor);
    }

    public SeqRanges Union(SeqRanges other)
    {
        if (other.IsEmpty || ReferenceEquals(this, other)) return this;
        if (IsEmpty) return other;
        var built = new Builder(Ranges + other.Ranges);
        int mine = _first, theirs = other._first;
        while (mine < End || theirs < other.End)
        {
            if (theirs == other.End || mine < End && From(mine) <= other.From(theirs)) built.Append(From(mine), To(mine++));
            else built.Append(other.From(theirs), other.To(theirs++));
        }
        return built.Build();
    }

    public SeqRanges Except(SeqRanges other)
    {
        if (IsEmpty || other.IsEmpty) return this;
        var built = new Builder(Ranges + other.Ranges);
        var theirs = other._first;
        for (var mine = _first; mine < End; mine++)
        {
            var (from, to) = (From(mine), To(mine));
            while (theirs < other.End && other.To(theirs) < from) theirs++;
            var left = true;
            while (left && theirs < other.End && other.From(theirs) <= to)
            {
                if (other.From(theirs) > from) built.Append(from, other.From(theirs) - 1);
                left = other.To(theirs) < to;
                if (left) from = other.To(theirs++) + 1; // else it may reach into the next of mine
            }
            if (left) built.Append(from, to);
        }
        return built.Build();
    }

    /// <summary>The ranges of the set, cut to the window.</summary>
    public IEnumerable<SeqRange> Within(long from, long to, bool newestFirst = false)
    {
        if (to < from) yield break;
        if (newestFirst)
        {
            for (var range = LastStartingAt(to); range >= _first && To(range) >= from; range--)
                yield return new(Math.Max(From(range), from), Math.Min(To(range), to));
        }
        else
        {
            for (var range = FirstEndingAt(from); range < End && From(range) <= to; range++)
                yield return new(Math.Max(From(range), from), Math.Min(To(range), to));
        }
    }

    /// <summary>The ranges of the window that are not in the set.</summary>
    public IEnumerable<SeqRange> Gaps(long from, long to, bool newestFirst = false)
    {
        foreach (var range in Within(from, to, newestFirst))
        {
            if (newestFirst)
            {
                if (range.To < to) yield return new(range.To + 1, to);
                if (range.From == from) yield break;
                to = range.From - 1;
            }
            else
            {
                if (range.From > from) yield return new(from, range.From - 1);
                if (range.To == to) yield break;
                from = range.To + 1;
            }
        }
        if (from <= to) yield return new(from, to);
    }

    public bool Equals(SeqRanges? other)
    {
        if (other is null || other.Ranges != Ranges) return false;
        for (var i = 0; i < Ranges; i++)
            if (this[i] != other[i]) return false;
        return true;
    }

    public override bool Equals(object? obj) => Equals(obj as SeqRanges);
    public override int GetHashCode() => IsEmpty ? 0 : HashCode.Combine(Ranges, this[0], this[Ranges - 1]);

    private int End => _pairs.Length / 2;
    private long From(int range) => range == _first ? Math.Max(_floor, _pairs[2 * range]) : _pairs[2 * range];
    private long To(int range) => _pairs[2 * range + 1];

    /// <summary>The first range that ends at the seq or later; <see cref="End"/> when none does.</summary>
    private int FirstEndingAt(long seq)
    {
        int low = _first, high = End;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (To(middle) < seq) low = middle + 1;
            else high = middle;
        }
        return low;
    }

    /// <summary>The last range that starts at the seq or earlier; one before the first when none does.</summary>
    private int LastStartingAt(long seq)
    {
        var range = FirstEndingAt(seq);
        return range < End && From(range) <= seq ? range : range - 1;
    }
}
