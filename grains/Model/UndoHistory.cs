using System.Globalization;
using System.Text;

namespace OrleansInbox;

/// <summary>
/// The marks that can be taken back, newest last: each with its token and the seqs whose flag it changed and nobody changed since. Stored with the marks as
/// text, <c>token:action:time:1-40,43;…</c>, and parsed only when marks change.
/// </summary>
internal sealed class UndoHistory
{
    public const int MaxMarks = 10;
    public const int MaxLength = 4 * 1024;
    public static readonly TimeSpan MaxAge = TimeSpan.FromMinutes(10);

    private readonly List<Entry> _entries = [];

    private UndoHistory() { }

    /// <summary>1 to 32 characters of base64url.</summary>
    public static bool IsToken(string token) => token.Length is > 0 and <= 32 && token.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');

    /// <exception cref="FormatException">It is not what <see cref="ToString"/> makes.</exception>
    public static UndoHistory Parse(string text)
    {
        var history = new UndoHistory();
        foreach (var part in text.Split(';', StringSplitOptions.RemoveEmptyEntries))
        {
            if (part.Split(':') is not [var token, var action, var time, var seqs] || !Enum.TryParse<MarkAction>(action, ignoreCase: true, out var parsed)
                || !long.TryParse(time, NumberStyles.None, CultureInfo.InvariantCulture, out var at))
                throw new FormatException($"'{part}' is no mark that can be taken back; expected the form 'token:read:1767225600000:1-40,43'.");
            history._entries.Add(new(token, parsed, at, SeqRanges.Parse(seqs)));
        }
        return history;
    }

    /// <returns>What the mark did and to which seqs; null when it is too old.</returns>
    public (MarkAction Action, SeqRanges Seqs)? Find(string token, DateTimeOffset now) =>
        _entries.Find(entry => entry.Token == token && entry.IsYoung(now)) is { } found ? (found.Action, found.Seqs) : null;

    /// <summary>A mark was made. One that was made already (its answer was lost) is noted once.</summary>
    public void Add(string token, MarkAction action, DateTimeOffset now, SeqRanges seqs)
    {
        _entries.RemoveAll(entry => !entry.IsYoung(now));
        if (_entries.Find(entry => entry.Token == token) is { } known) known.Seqs = known.Seqs.Union(seqs);
        else _entries.Add(new(token, action, now.ToUnixTimeMilliseconds(), seqs));
        if (_entries.Count > MaxMarks) _entries.RemoveAt(0);
    }

    /// <summary>Others changed these: no earlier mark takes them back any more.</summary>
    public void Except(SeqRanges read, SeqRanges archived)
    {
        foreach (var entry in _entries)
        {
            if (entry.Action is MarkAction.Read or MarkAction.Unread) entry.Seqs = entry.Seqs.Except(read);
            if (entry.Action is MarkAction.Archive or MarkAction.Unarchive) entry.Seqs = entry.Seqs.Except(archived);
        }
    }

    /// <summary>What lies outside is gone.</summary>
    public void Cut(long floor, long head)
    {
        foreach (var entry in _entries) entry.Seqs = entry.Seqs.TrimBelow(floor).Remove(head + 1, long.MaxValue);
    }

    /// <summary>Without the oldest, when there is too much.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        for (var at = _entries.Count - 1; at >= 0; at--)
        {
            var entry = _entries[at].ToString();
            if (text.Length + entry.Length >= MaxLength) break;
            text.Insert(0, ';').Insert(0, entry);
        }
        return text.ToString();
    }

    private sealed class Entry(string token, MarkAction action, long time, SeqRanges seqs)
    {
        public string Token { get; } = token;
        public MarkAction Action { get; } = action;
        public SeqRanges Seqs { get; set; } = seqs;

        public bool IsYoung(DateTimeOffset now) => now.ToUnixTimeMilliseconds() - time < (long)MaxAge.TotalMilliseconds;

        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Token}:{Action.ToString().ToLowerInvariant()}:{time}:{Seqs}");
    }
}
