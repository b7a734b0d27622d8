using System.Globalization;

namespace OrleansInbox;

/// <summary>Of a list of what waits: everything up to here was seen.</summary>
/// <param name="DueAt">In Unix ms.</param>
/// <param name="Id">Of those that are due at that time.</param>
public readonly record struct WaitingPlace(long DueAt, string Id)
{
    public static readonly WaitingPlace Start = new(-1, "");

    public static WaitingPlace Of(WaitingItem item) => new(item.DueAt.ToUnixTimeMilliseconds(), item.Id);

    public static bool TryParse(string text, out WaitingPlace place)
    {
        var isPlace = text.Split('_', 2) is [var dueAt, var id] && long.TryParse(dueAt, NumberStyles.None, CultureInfo.InvariantCulture, out _) && id.Length is > 0 and <= NotificationId.MaxLength;
        place = isPlace ? new(long.Parse(text.AsSpan(0, text.IndexOf('_', StringComparison.Ordinal)), CultureInfo.InvariantCulture), text[(text.IndexOf('_', StringComparison.Ordinal) + 1)..]) : Start;
        return isPlace;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{DueAt}_{Id}");
}
