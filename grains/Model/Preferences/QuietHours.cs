using System.Globalization;

namespace OrleansInbox;

/// <summary>The hours of each day, by the clocks of a time zone, in which notifications come without a sound; over midnight when <paramref name="From"/> is later than <paramref name="To"/>.</summary>
/// <param name="From">To the minute.</param>
/// <param name="To">To the minute; no part of it.</param>
/// <param name="Zone">Of the IANA database.</param>
public sealed record QuietHours(TimeOnly From, TimeOnly To, string Zone)
{
    private const int _maxZone = 64;
    private const string _format = "HH:mm";

    public bool Includes(DateTimeOffset now) => ZoneOf(Zone) is { } zone && TimeOnly.FromDateTime(TimeZoneInfo.ConvertTime(now, zone).DateTime).IsBetween(From, To);

    /// <returns>When they end; <paramref name="now"/> when it is none of them.</returns>
    public DateTimeOffset EndAfter(DateTimeOffset now)
    {
        if (!Includes(now)) return now;
        var zone = ZoneOf(Zone)!;
        var local = TimeZoneInfo.ConvertTime(now, zone).DateTime;
        var end = local.Date + To.ToTimeSpan();
        if (end <= local) end = end.AddDays(1);
        while (zone.IsInvalidTime(end)) end = end.AddMinutes(1); // clocks go forward over it
        var at = new DateTimeOffset(end, zone.GetUtcOffset(end)); // of two times that clocks show alike the second
        return at > now ? at : now;
    }

    public static bool IsZone(string zone) => ZoneOf(zone) is not null;

    public static bool TryParse(string text, out TimeOnly time) => TimeOnly.TryParseExact(text, _format, CultureInfo.InvariantCulture, DateTimeStyles.None, out time);

    public static string TextOf(TimeOnly time) => time.ToString(_format, CultureInfo.InvariantCulture);

    /// <summary>Its names are paths of files: no others are looked for.</summary>
    private static TimeZoneInfo? ZoneOf(string zone) =>
        zone.Length is > 0 and <= _maxZone && char.IsAsciiLetter(zone[0]) && zone.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter is '/' or '_' or '-' or '+')
        && TimeZoneInfo.TryFindSystemTimeZoneById(zone, out var found) && found.HasIanaId ? found : null;
}
