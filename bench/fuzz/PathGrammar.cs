using System.Globalization;

namespace OrleansInbox.Fuzz;

/// <summary>Request targets. Users and topics come from bounded sets, so that the server's memory is not filled by ever new inboxes.</summary>
internal static class PathGrammar
{
    private const int Users = 64;
    private const int Topics = 8;

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
        "topics", "topics/", "topics/t0", "topics?limit=1", "notifications/%2e%2e/counts", "NOTIFICATIONS", "notifications;x=1", "notifications%2Fread", "notifications/read/x", "counts/", "", "x", ".", "%", "%ff", "stream/../../u2/counts",
    ];

    private static readonly string[] _oddTopics =
    [
        "post%3A7", "post:7", "t%30", "%74%30", "T0", ".", "..", "%2e", "%2e%2e", "...", "-", "_", "a~1", "t0~1", "a/b", "a%2Fb", "a%252Fb", "a+b", "a%20b", "%00", "a%0Ab", "%FF", "%ED%A0%80", "%C3%BC", "%F0%9F%98%80", "%", "%2", "%zz", "{topic}", "%7Bx%7D", "*", "'", "me", "",
        new('t', 128), new('t', 129), new('%', 200), "\u00e4", "<script>", "t0;x=1",
    ];

    /// <summary>Under a topic; <c>{user}</c> is replaced.</summary>
    private static readonly string[] _topicRests =
    [
        "", "/", "//", "/x", "/subscribers", "/subscribers/", "/subscribers//", "/subscribers/{user}", "/subscribers/{user}", "/subscribers/{user}", "/subscribers/{user}/", "/subscribers/{user}/x", "/subscribers/me", "/SUBSCRIBERS/{user}", "/subscribers/{user}?x=1", "/subscribers?limit=1", "/subscribers?limit=1001",
        "/subscribers?limit=2&after=u1", "/subscribers?after={user}", "/subscribers?after=%00", "/subscribers?after=", "/subscribers?before=u1", "/notifications", "/notifications/", "/notifications/1-1", "/keys", "/keys/", "/keys/k1", "/keys/k2", "/keys/a%2Fb", "/keys/a/b", "/keys/..", "/keys/%2e%2e", "/keys/%FF", "/keys/%zz", "/keys/k1?x=1", "/stream",
    ];

    /// <summary>What is about more than one inbox, and jobs.</summary>
    private static readonly string[] _tenantTargets =
    [
        "/v1/notifications", "/v1/notifications/", "/v1/notifications/1-1", "/v1/notifications?x=1", "/v1/topics", "/v1/topics/", "/v1/topics//subscribers/u1", "/v1/jobs", "/v1/jobs/", "/v1/jobs/t0~1", "/v1/jobs/t1~2/stream", "/v1/jobs/t0~0", "/v1/jobs/t0~01", "/v1/jobs/t0~-1", "/v1/jobs/t0~+1", "/v1/jobs/t0~ 1", "/v1/jobs/t0~%31",
        "/v1/jobs/t0%7E1", "/v1/jobs/t0~9223372036854775807", "/v1/jobs/t0~9223372036854775808", "/v1/jobs/t0~9223372036854775807/stream", "/v1/jobs/t0", "/v1/jobs/~1", "/v1/jobs/..~1", "/v1/jobs/a%2Fb~1", "/v1/jobs/t0~1~1", "/v1/jobs/t0~", "/v1/jobs/%00~1", "/v1/jobs/t0~1/x", "/v1/jobs/t0~1?x=1", "/v1/jobs/%FF/stream",
        "/v1/announcements", "/v1/announcements", "/v1/announcements/", "/v1/announcements?limit=1", "/v1/announcements/0", "/v1/announcements/1", "/v1/announcements/-1", "/v1/announcements/1764547200000", "/v1/announcements/9223372036854775807", "/v1/announcements/9223372036854775808", "/v1/announcements/%31", "/v1/announcements/x", "/v1/announcements/%00",
        "/v1/announcements/..", "/v1/announcements/%2e%2e", "/v1/announcements/1/x", "/v1/announcements/1?x=1", "/V1/ANNOUNCEMENTS",
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
        if (dice.OnceIn(3)) return ToMany(dice, user);
        var target = $"{(dice.OnceIn(20) ? dice.Of("http://x", "http://u:p@x", "HTTP://x:80", "http://x/.") : "")}/v1/users/{(dice.OnceIn(3) ? dice.Of<string>(_oddUsers) : user)}/{dice.Of<string>(_rests)}";
        if (dice.OnceIn(3)) target += Query(dice);
        return dice.OnceIn(15) ? dice.Damage(target) : target;
    }

    /// <summary>A topic whose name stands in a path as it is.</summary>
    public static string Topic(Dice dice) => "t" + dice.Below(Topics).ToString(CultureInfo.InvariantCulture);

    private static string ToMany(Dice dice, string user)
    {
        var rest = dice.Of<string>(_topicRests).Replace("{user}", dice.OnceIn(2) ? dice.Of<string>(_oddUsers) : user, StringComparison.Ordinal);
        var target = dice.OnceIn(3) ? dice.Of<string>(_tenantTargets) : $"/v1/topics/{(dice.OnceIn(4) ? dice.Of<string>(_oddTopics) : Topic(dice))}{rest}";
        if (dice.OnceIn(10)) target += Query(dice);
        return dice.OnceIn(15) ? dice.Damage(target) : target;
    }

    /// <summary>Of an endpoint that reads a body.</summary>
    public static string Posted(Dice dice, string user) => dice.OnceIn(4) ? dice.Of("/v1/notifications", "/v1/notifications", "/v1/announcements", $"/v1/topics/{Topic(dice)}/notifications", $"/v1/topics/{Topic(dice)}/subscribers") : $"/v1/users/{user}/{dice.Of("notifications", "notifications", "notifications/read", "notifications/unread", "notifications/seen", "notifications/archive", "notifications/unarchive", "notifications/delete", "notifications/undo", "notifications/1-1/actions/yes", "notifications/snooze", "unsnooze")}";

    /// <summary>Of an endpoint that is replaced as a whole.</summary>
    public static string Put(Dice dice, string user) => dice.OnceIn(3) ? $"/v1/topics/{Topic(dice)}" : $"/v1/users/{user}/preferences";

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
