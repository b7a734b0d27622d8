using System.Globalization;

namespace OrleansInbox.Chaos;

/// <summary>An id is <c>epoch-seq</c>.</summary>
internal readonly record struct Place(long Epoch, long Seq)
{
    public static Place Of(string id)
    {
        var dash = id.IndexOf('-', StringComparison.Ordinal);
        return new(long.Parse(id.AsSpan(0, dash), CultureInfo.InvariantCulture), long.Parse(id.AsSpan(dash + 1), CultureInfo.InvariantCulture));
    }

    public static long SeqOf(string? id) => id is null ? 0 : Of(id).Seq;
}
