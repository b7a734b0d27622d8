using System.Diagnostics;
using System.Numerics;

namespace OrleansInbox.Bench;

/// <summary>Counts of times, log-linear: 128 steps per power of two, so a figure is at most 1 % off. Any thread may record.</summary>
internal sealed class Histogram
{
    private const int StepBits = 7;
    private const int Steps = 1 << StepBits;

    // Microseconds up to 2^36 (19 hours); what is longer counts as that.
    private const int Octaves = 36 - StepBits;
    private readonly long[] _counts = new long[Steps * (Octaves + 1)];
    private long _max;

    public long Count => _counts.Sum();

    /// <summary>A time in ticks of <see cref="Stopwatch"/>; below zero counts as zero.</summary>
    public void RecordTicks(long ticks) => Record((long)(ticks * (1_000_000.0 / Stopwatch.Frequency)));

    public void Record(long micros)
    {
        micros = Math.Clamp(micros, 0, (1L << 36) - 1);
        Interlocked.Increment(ref _counts[IndexOf(micros)]);
        long max;
        while (micros > (max = Volatile.Read(ref _max)) && Interlocked.CompareExchange(ref _max, micros, max) != max) { }
    }

    /// <returns>In milliseconds, the time that <paramref name="share"/> (0–1) of all did not exceed; NaN without any.</returns>
    public double Percentile(double share)
    {
        var count = Count;
        if (count == 0) return double.NaN;
        var rank = Math.Max(1, (long)Math.Ceiling(share * count));
        var seen = 0L;
        for (var i = 0; i < _counts.Length; i++)
        {
            seen += _counts[i];
            if (seen >= rank) return Math.Min(UpperBound(i), _max) / 1000.0;
        }
        return Max;
    }

    public double Max => _max / 1000.0;

    private static int IndexOf(long micros)
    {
        if (micros < Steps) return (int)micros;
        var octave = BitOperations.Log2((ulong)micros) - StepBits;
        return (octave + 1) * Steps + (int)((micros >> octave) - Steps);
    }

    private static long UpperBound(int index)
    {
        if (index < Steps) return index;
        var octave = index / Steps - 1;
        return ((index % Steps + Steps + 1L) << octave) - 1;
    }
}
