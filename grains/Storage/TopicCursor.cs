using System.Globalization;

namespace OrleansInbox.Storage;

/// <summary>How far a job has come: <c>s&lt;user&gt;</c> among the subscribers; then <c>l</c>, or <c>l&lt;time&gt; &lt;user&gt;</c>, among those who have left.</summary>
internal static class TopicCursor
{
    public const string Left = "l";
    private const string _subscribed = "s";

    public static string Of(string user) => _subscribed + user;

    public static string Of(long leftAt, string user) => string.Create(CultureInfo.InvariantCulture, $"{Left}{leftAt} {user}");

    /// <returns>The subscriber; null at first.</returns>
    public static string? UserOf(string cursor) => cursor.Length == 0 ? null : cursor[_subscribed.Length..];

    public static (long LeftAt, string User) PlaceOf(string cursor)
    {
        if (cursor == Left) return (0, "");
        var space = cursor.IndexOf(' ', StringComparison.Ordinal);
        return (long.Parse(cursor.AsSpan(Left.Length, space - Left.Length), CultureInfo.InvariantCulture), cursor[(space + 1)..]);
    }
}
