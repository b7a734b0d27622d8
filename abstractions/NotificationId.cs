using System.Globalization;

namespace OrleansInbox;

/// <summary>
/// A notification's place in its inbox, written <c>&lt;epoch&gt;-&lt;seq&gt;</c>: the birth of the inbox in Unix ms, and 1, 2, 3 … without holes as assigned.
/// The same text is the entry's ID in the Redis Stream. Ids of one inbox only ever grow, also after it was erased and born again.
/// </summary>
[GenerateSerializer, Immutable, Alias("id")]
public readonly struct NotificationId : IEquatable<NotificationId>, IComparable<NotificationId>, ISpanFormattable, IUtf8SpanFormattable
{
    /// <summary>The longest text: two 19-digit numbers and the dash.</summary>
    public const int MaxLength = 39;

    public NotificationId(long epoch, long seq) => (Epoch, Seq) = (epoch, seq);

    [Id(0)] public long Epoch { get; init; }
    [Id(1)] public long Seq { get; init; }

    public static bool TryParse(ReadOnlySpan<char> text, out NotificationId id)
    {
        id = default;
        var dash = text.IndexOf('-');
        if (dash < 1 || text.Length > MaxLength
            || !long.TryParse(text[..dash], NumberStyles.None, CultureInfo.InvariantCulture, out var epoch)
            || !long.TryParse(text[(dash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var seq))
            return false;
        id = new(epoch, seq);
        return true;
    }

    public int CompareTo(NotificationId other) => Epoch != other.Epoch ? Epoch.CompareTo(other.Epoch) : Seq.CompareTo(other.Seq);
    public bool Equals(NotificationId other) => Epoch == other.Epoch && Seq == other.Seq;
    public override bool Equals(object? obj) => obj is NotificationId other && Equals(other);
    public override int GetHashCode() => HashCode.Combine(Epoch, Seq);
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Epoch}-{Seq}");
    public string ToString(string? format, IFormatProvider? formatProvider) => ToString();

    public bool TryFormat(Span<char> destination, out int charsWritten, ReadOnlySpan<char> format = default, IFormatProvider? provider = null) =>
        destination.TryWrite(CultureInfo.InvariantCulture, $"{Epoch}-{Seq}", out charsWritten);

    public bool TryFormat(Span<byte> utf8Destination, out int bytesWritten, ReadOnlySpan<char> format = default, IFormatProvider? provider = null) =>
        System.Text.Unicode.Utf8.TryWrite(utf8Destination, CultureInfo.InvariantCulture, $"{Epoch}-{Seq}", out bytesWritten);

    public static bool operator ==(NotificationId left, NotificationId right) => left.Equals(right);
    public static bool operator !=(NotificationId left, NotificationId right) => !left.Equals(right);
    public static bool operator <(NotificationId left, NotificationId right) => left.CompareTo(right) < 0;
    public static bool operator <=(NotificationId left, NotificationId right) => left.CompareTo(right) <= 0;
    public static bool operator >(NotificationId left, NotificationId right) => left.CompareTo(right) > 0;
    public static bool operator >=(NotificationId left, NotificationId right) => left.CompareTo(right) >= 0;
}
