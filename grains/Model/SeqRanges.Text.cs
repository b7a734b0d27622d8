using System.Globalization;
using System.Text;

namespace OrleansInbox;

/// <summary>The text form, <c>1-40,43</c>, and how ranges are put together.</summary>
public sealed partial class SeqRanges
{
    /// <exception cref="FormatException">It is not ranges in ascending order: better no inbox than one with wrong marks.</exception>
    public static SeqRanges Parse(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty) return Empty;
        var built = new Builder(text.Count(',') + 1);
        var last = -1L;
        foreach (var part in text.Split(','))
        {
            var range = text[part];
            var dash = range.IndexOf('-');
            if (!TryParse(dash < 0 ? range : range[..dash], out var from)
                || !TryParse(dash < 0 ? range : range[(dash + 1)..], out var to)
                || from <= last || to < from)
                throw new FormatException($"'{range}' in ranges of {text.Length} characters is no ascending range; expected the form '1-40,43'.");
            built.Append(from, to);
            last = to;
        }
        return built.Build();

        static bool TryParse(ReadOnlySpan<char> digits, out long seq) => long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out seq);
    }

    public override string ToString()
    {
        if (IsEmpty) return "";
        var text = new StringBuilder(Ranges * 12);
        for (var i = 0; i < Ranges; i++)
        {
            if (i > 0) text.Append(',');
            var (from, to) = this[i];
            text.Append(CultureInfo.InvariantCulture, $"{from}");
            if (to > from) text.Append(CultureInfo.InvariantCulture, $"-{to}");
        }
        return text.ToString();
    }

    /// <summary>Takes ranges in ascending order of their start, and melts those that overlap or touch.</summary>
    private struct Builder(int ranges)
    {
        private long[] _pairs = new long[2 * ranges];
        private int _length;

        public void Append(long from, long to)
        {
            if (_length > 0 && from - 1 <= _pairs[_length - 1])
            {
                _pairs[_length - 1] = Math.Max(_pairs[_length - 1], to);
                return;
            }
            if (_length == _pairs.Length) Array.Resize(ref _pairs, Math.Max(8, 2 * _length));
            _pairs[_length++] = from;
            _pairs[_length++] = to;
        }

        public void Append(SeqRanges source, int first, int end)
        {
            for (var range = first; range < end; range++) Append(source.From(range), source.To(range));
        }

        public SeqRanges Build()
        {
            if (_length == 0) return Empty;
            Array.Resize(ref _pairs, _length);
            return new(_pairs, 0, 0);
        }
    }
}
