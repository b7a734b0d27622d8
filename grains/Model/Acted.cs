using System.Globalization;

namespace OrleansInbox;

/// <summary>What was chosen of a notification's actions.</summary>
/// <param name="Seq">Of the notification.</param>
/// <param name="Action">The id of the action.</param>
/// <param name="At">In Unix ms.</param>
public sealed record Acted(long Seq, string Action, long At)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Seq}:{Action}:{At}");

    /// <param name="text">As in <see cref="InboxMarks.Acted"/>: one <c>seq:action:time</c> after the other, ascending, each with a semicolon.</param>
    /// <exception cref="FormatException">It is not that.</exception>
    public static Acted[] Parse(string text)
    {
        if (text.Length == 0) return [];
        var parts = text.Split(';', StringSplitOptions.RemoveEmptyEntries);
        var acted = new Acted[parts.Length];
        for (var i = 0; i < parts.Length; i++)
        {
            if (parts[i].Split(':') is not [var seq, var action, var at] || !long.TryParse(seq, NumberStyles.None, CultureInfo.InvariantCulture, out var of)
                || !long.TryParse(at, NumberStyles.None, CultureInfo.InvariantCulture, out var time) || (i > 0 && of <= acted[i - 1].Seq))
                throw new FormatException($"'{parts[i]}' is no choice of an action; expected the form '41:approve:1767225600000', in the order of seqs.");
            acted[i] = new(of, action, time);
        }
        return acted;
    }

    public static string ToText(IEnumerable<Acted> all) => string.Concat(all.Select(one => one + ";"));
}
