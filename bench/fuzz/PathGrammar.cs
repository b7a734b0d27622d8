using System.Globalization;

namespace OrleansInbox.Fuzz;

/// <summary>Request targets. Users come from a bounded set, so that the server's memory is not filled by ever new inboxes.</summary>
internal static class PathGrammar
{
    private const int Users = 64;

    private static readonly string[] _oddUsers =
    [
        "a%2Fb", "a%252Fb", "%F0%9F%98%80", "%C3%BC", "a+b", "a%20b", "%7Bx%7D", "-", "...", "%2e%2e", ".", "..", "me", "m%65", "Me", "a%00b", "a%0Ab", "%FF", "%ED%A0%80", "%2", "%zz", "%", "a;b=1", "a:b", "a@b", "a%3Fb%23c", "a#b",
        "default%2Fu1", "other%2Ftenant%2Fu1", "u1%2Fnotifications", "*", "'", "\"", "|", "^", "\\", "a%5Cb", "~", "%u0041", "U1", new('x', 128), new('x', 129), new('%', 200), "\u00e4", "\u0080", "<script>",
    ];

    private static readonly string[] _rests =
    [
        "notifications", "counts", "stream", "export", "notifications/read", "notifications/unread", "notifications/seen", "notifications/archive", "notifications/unarchive", "notifications/delete", "notifications/undo", "notifications/1-1", "notifications/1-1/actions/yes", "notifications/1-1/actions/", "notifications/1-1/actions/%00", "notifications/x/actions/yes/no", "keys", "keys/", "keys/k1", "keys/a%2Fb", "keys/a/b", "keys/%FF", "keys/%2e%2e", "keys/..", "keys/%zz", "keys/k1?x=1", "notifications/0-0",
        "notifications/9223372036854775807-9223372036854775807", "notifications/99999999999999999999-1", "notifications/-1-1", "notifications/%31-1", "notifications/x", "notifications/%00", "notifications/", "notifications//", "notifications/../counts",
        "scheduled", "scheduled/", "scheduled/s0123456789abcdef", "scheduled/s0123456789abcde%46", "scheduled/c0123456789abcdef", "scheduled/1-1", "scheduled/%00", "scheduled/s%F0%9F%98%80", "scheduled/s/x", "snoozed", "snoozed/1-1", "unsnooze", "notifications/snooze", "notifications/unsnooze", "preferences", "preferences/", "preferences/mute",
        "notifications/%2e%2e/counts", "NOTIFICATIONS", "notifications;x=1", "notifications%2Fread", "notifications/read/x", "counts/", "", "x", ".", "%", "%ff", "stream/../../u2/counts",
    ];

    private static readonly string[] _elsewhere =
    [
        "/", "/health/live", "/health/ready", "/openapi/v1.json", "/inbox.js", "/dev/token?user=ann", "/dashboard/", "/metrics", "/v1", "/v1/", "/v1/users", "/v1/users/", "/V1/users/u1/counts", "//v1/users/u1/counts", "/v1//users/u1/counts", "/v1/users//counts",
        "/../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/v1/users/u1/../u2/counts", "/%00", "/%", "/%ff", "/v1/./users/u1/counts", "/.well-known/openid-configuration", "/index.html", "/a\\b", "*", "http://", "http://x", "https://x/health/live", "http://x:0/health/live",
        "http://[::1]/health/live", "http://x#/v1/users/u1/counts", "http://x?/v1/users/u1/counts", "x:80", "", "?", "#", "/#", "/health/live#x", "ftp://x/", "//", "/ /",
    ];

    /// <summary>A user whose name stands in a path as it is.</summary>
    public static string User(Dice dice) => "u" + dice.Below(Users).ToString(CultureInfo.InvariantCulture);

    public static string Target(Dice dice, string user)
    {
        if (dice.OnceIn(6)) return dice.Of<string>(_elsewhere);
        var target = $"{(dice.OnceIn(20) ? dice.Of("http://x", "http://u:p@x", "HTTP://x:80", "http://x/.") : "")}/v1/users/{(dice.OnceIn(3) ? dice.Of<string>(_oddUsers) : user)}/{dice.Of<string>(_rests)}";
        if (dice.OnceIn(3)) target += Query(dice);
        return dice.OnceIn(15) ? dice.Damage(target) : target;
    }

    /// <summary>Of an endpoint that reads a body.</summary>
    public static string Posted(Dice dice, string user) => $"/v1/users/{user}/{dice.Of("notifications", "notifications", "notifications/read", "notifications/unread", "notifications/seen", "notifications/archive", "notifications/unarchive", "notifications/delete", "notifications/undo", "notifications/1-1/actions/yes", "notifications/snooze", "unsnooze")}";

    public static string Preferences(string user) => $"/v1/users/{user}/preferences";

    public static string Query(Dice dice)
    {
        var query = "?";
        for (var i = dice.Below(4); i >= 0; i--) query += (query.Length > 1 ? "&" : "") + Parameter(dice);
        return dice.Below(40) switch
        {
            0 => query + "&" + string.Join('&', Enumerable.Range(0, dice.Below(1500)).Select(i => $"a{i}=1")),
            1 => "?" + new string('a', dice.Below(12_000)),
            2 => query + "#x",
            _ => query,
        };
    }

    private static string Parameter(Dice dice) =>
        dice.Of("limit", "before", "after", "status", "type", "group", "q", "wait", "access_token", "access%5Ftoken", "lastEventId", "LIMIT", "x", "", "%", "%00") +
        dice.Of("=", "=", "=", "", "==") +
        dice.Of("1", "0", "20", "100", "101", "-1", "1e2", "", "x", "unread", "read", "archived", "all", "t,u", ",", "1-1", "0-0", "9999999999999-9", "1-", "-", "%zz", "%00", "%F0%9F", "+", "a%26b", "99999999999999999999", "\u00ff", "eyJ.e30.x", "'", "t%2Cu", "ab", "A%25_", "%C3%9F%C3%9F", "%F0%9F%98%80%F0%9F%98%80", "%CC%81%CC%81", "%ED%A0%80x", "1_x", "0_s0123456789abcdef", "1764547200000_1-1", "9223372036854775807_s", "9223372036854775808_s", "-1_s", "_", "1_", "1__", "1_%00",
            new string('x', 64), new string('x', 65));
}
