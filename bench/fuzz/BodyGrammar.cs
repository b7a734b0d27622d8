using System.Globalization;
using System.Text;

namespace OrleansInbox.Fuzz;

/// <summary>Bodies: publishes to one and to many, marks, patches, undos, snoozes, preferences, subscribers, and what is none of these.</summary>
internal static partial class BodyGrammar
{
    /// <summary>What waits is due at a time after this: the same seed makes the same distance.</summary>
    private static readonly DateTimeOffset _start = DateTimeOffset.UtcNow;

    public static byte[] Publish(Dice dice, string title) =>
        Encoding.UTF8.GetBytes($$"""{"type":"{{dice.Of("t", "u", "comment.created")}}","title":"{{title}}"{{(dice.OnceIn(2) ? Optional(dice) : "")}}{{(dice.OnceIn(3) ? Options(dice) : "")}}}""");

    /// <summary>Of a legal id that is not there.</summary>
    public static byte[] Snooze(Dice dice, bool ends) =>
        Encoding.UTF8.GetBytes(ends ? """{"ids":["1-1"]}""" : $$"""{"ids":["1-1","2-2"],"until":"{{Ahead(dice.Of(100_000, 10_000_000))}}"}""");

    public static byte[] Preferences(Dice dice) => Encoding.UTF8.GetBytes(dice.Of(
        "{}",
        """{"mute":{"types":["u"]}}""",
        """{"mute":{"types":["comment.*"],"groups":["g1"],"topics":["x"]},"quiet":null}""",
        """{"quiet":{"from":"22:00","to":"07:00","zone":"Europe/Berlin"},"channels":{"email":{"off":["comment.*"]}}}""",
        """{"mute":{"types":[],"groups":[],"topics":[]},"quiet":{"from":"00:00","to":"23:59","zone":"UTC"},"channels":{"email":{"off":[]},"sms":{}}}"""));

    /// <param name="dice">Chance.</param>
    /// <param name="target">Half of the bodies are of the kind that it takes.</param>
    public static byte[] Any(Dice dice, string target)
    {
        var json = dice.OnceIn(2) ? For(dice, target) : dice.Below(11) switch
        {
            0 => Mark(dice),
            1 => Encoding.UTF8.GetString(Publish(dice, dice.Word(20))),
            2 => Bomb(dice),
            3 => $$"""{"type":{{Value(dice)}},"title":{{Value(dice)}},"body":{{Value(dice)}},"url":{{Value(dice)}},"actor":{{Value(dice)}},"group":{{Value(dice)}},"data":{{Value(dice)}},"priority":{{Value(dice)}},"key":{{Value(dice)}},"actions":{{Actions(dice)}},"expiresAt":{{Value(dice)}},"deliverAt":{{Value(dice)}},"mandatory":{{Value(dice)}},"fallback":{{Value(dice)}},"receipt":{{Value(dice)}}}""",
            4 => $$"""{"type":"t","title":"T","data":{{Value(dice)}},"expiresAt":{{Value(dice)}}}""",
            5 => dice.Of("", "{", "}", "[]", "null", "7", "\"x\"", "{}", "{}{}", "\ufeff{}", "//", "{\"a\":}", "{'type':'t'}", "\0", "{\"type\":\"t\",\"title\":\"T\",}"),
            6 => OddPublish(dice),
            7 => OddPreferences(dice),
            8 => OddSnooze(dice),
            9 => OddToMany(dice, target),
            _ => Mark(dice),
        };
        var bytes = Encoding.UTF8.GetBytes(dice.OnceIn(5) ? dice.Damage(json) : json);
        return dice.Below(12) switch
        {
            0 => Encoding.Latin1.GetBytes(dice.Damage(Encoding.Latin1.GetString(bytes))), // no UTF-8 any more
            1 => dice.Bytes(dice.Below(200)),
            _ => bytes,
        };
    }

    private static string For(Dice dice, string target) =>
        IsToMany(target) ? OddToMany(dice, target)
        : target.Contains("preferences", StringComparison.Ordinal) ? dice.OnceIn(2) ? OddPreferences(dice) : Encoding.UTF8.GetString(Preferences(dice))
        : target.Contains("snooze", StringComparison.Ordinal) ? OddSnooze(dice)
        : target.EndsWith("/notifications", StringComparison.Ordinal) ? OddPublish(dice)
        : Mark(dice);

    private static string Ahead(int seconds) => _start.AddSeconds(seconds).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>Whom to tell, and when it comes: mostly while the run lasts, so that not ever more waits.</summary>
    private static string Options(Dice dice) => dice.Of("", ",\"mandatory\":true") + dice.Of("", ",\"receipt\":true") + dice.Of("", ",\"fallback\":{\"after\":60}", ",\"fallback\":{\"after\":61,\"unless\":\"read\"}", ",\"fallback\":{\"after\":2592000,\"unless\":\"seen\"}") +
        dice.Of("", "", $",\"deliverAt\":\"{Ahead(dice.Below(dice.Of(30, 120, 900)) - 5)}\"");

    private static string OddPublish(Dice dice) =>
        $$"""{"type":"t","title":"odd","expiresAt":{{dice.Of("null", Time(dice))}},"deliverAt":{{dice.Of("null", Time(dice))}},"mandatory":{{dice.Of("true", "false", Value(dice))}},"receipt":{{dice.Of("true", "false", Value(dice))}},"fallback":{{Fallback(dice)}}}""";

    private static string Fallback(Dice dice) => dice.Below(4) switch
    {
        0 => Value(dice),
        1 => dice.Of("{}", "{\"unless\":\"read\"}", "{\"after\":60,\"after\":60}", "{\"after\":60,\"x\":1}", "[{\"after\":60}]"),
        _ => $$"""{"after":{{dice.Of("60", "59", "2592000", "2592001", "-9223372036854775808", "9223372036854775807", "60.5", "6e1", Value(dice))}},"unless":{{dice.Of("\"seen\"", "\"read\"", "\"SEEN\"", "null", Value(dice))}}}""",
    };

    private static string OddSnooze(Dice dice)
    {
        var ids = dice.OnceIn(4) ? string.Join(',', Enumerable.Repeat("\"1-1\"", dice.Of(0, 100, 101, 1001))) : string.Join(',', Enumerable.Range(0, dice.Below(4)).Select(_ => Id(dice)));
        return $$"""{"ids":[{{ids}}]{{(dice.OnceIn(3) ? "" : $",\"until\":{Time(dice)}")}}}""";
    }

    private static string OddPreferences(Dice dice)
    {
        if (dice.OnceIn(6)) return "{\"mute\":{\"types\":[" + string.Join(',', Enumerable.Repeat(dice.Of("\"t\"", "\"*\"", $"\"{new string('t', 127)}*\""), dice.Of(129, 500, 501))) + "]}}";
        if (dice.OnceIn(6)) return "{\"channels\":{" + string.Join(',', Enumerable.Range(0, dice.Of(1, 400, 3_000)).Select(i => $"\"c{i}\":{dice.Of("{}", "{\"off\":[\"*\"]}", "null")}")) + "}}";
        var mute = dice.OnceIn(4) ? Value(dice) : $"{{\"types\":{Texts(dice)},\"groups\":{Texts(dice)},\"topics\":{Texts(dice)}}}";
        var channels = dice.OnceIn(4) ? Value(dice) : $"{{{dice.Of("\"email\"", "\"..\"", "\"\"", "\"\\ud800\"", "\"A\"", $"\"{dice.Word(80)}\"")}:{{\"off\":{Texts(dice)}}},\"email\":{dice.Of("{}", Value(dice))}}}";
        return $$"""{"mute":{{mute}},"quiet":{{Quiet(dice)}},"channels":{{channels}}}""";
    }

    private static string Quiet(Dice dice) => dice.OnceIn(5) ? Value(dice) :
        $$"""{"from":{{Clock(dice)}},"to":{{Clock(dice)}},"zone":{{dice.Of("\"UTC\"", "\"Europe/Berlin\"", "\"America/St_Johns\"", "\"Etc/GMT+12\"", "\"Europe\"", "\"posix\"", "\"W. Europe Standard Time\"", "\"a/../../../../etc/passwd\"", "\"/etc/localtime\"", "\"europe/berlin\"", "\"Europe/Berlin/\"", "\"UTC\\u0000\"", Value(dice))}}}""";

    private static string Clock(Dice dice) => dice.Of("\"22:00\"", "\"07:00\"", "\"00:00\"", "\"23:59\"", "\"24:00\"", "\"7:00\"", "\"22:00:00\"", "\"٢٢:٠٠\"", "\" 22:00\"", "\"-1:00\"", Value(dice));

    private static string Texts(Dice dice) => dice.OnceIn(6) ? Value(dice) : $"[{string.Join(',', Enumerable.Range(0, dice.Below(4)).Select(_ => dice.Of("\"t\"", "\"u*\"", "\"*\"", "\"**\"", "\"comment.*\"", "\"g1\"", "\"\"", Value(dice))))}]";

    private static string Time(Dice dice) => dice.OnceIn(3) ? Value(dice) : $"\"{Ahead(dice.Of(-1_000_000, -1, 0, 30, 59, 70, 600, 3_600, 31_000_000, 31_535_000, 31_536_000, 40_000_000))}\"";

    private static string Optional(Dice dice) => dice.Of("", ",\"key\":\"k1\"", ",\"key\":\"k2\"", ",\"actions\":[{\"id\":\"yes\",\"label\":\"Yes\"},{\"id\":\"no\",\"label\":\"No\",\"url\":\"/x\"}]", ",\"body\":\"b\"", ",\"group\":\"g1\"", ",\"group\":\"g2\",\"priority\":\"high\"", ",\"data\":{\"n\":9007199254740993}", ",\"actor\":{\"id\":\"a\",\"name\":\"A\"},\"url\":\"/x\"");

    private static string Mark(Dice dice) => dice.Below(10) switch
    {
        0 => """{"all":true}""",
        1 => $$"""{"group":{{dice.Of("\"g1\"", "\"g2\"", Value(dice))}}}""",
        2 => $$"""{"ids":[{{string.Join(',', Enumerable.Range(0, dice.Below(5)).Select(_ => Id(dice)))}}]}""",
        3 => $$"""{"ids":[{{string.Join(',', Enumerable.Repeat("\"1-1\"", dice.Of(1, 999, 1001)))}}]}""",
        4 => $$"""{"upTo":{{Id(dice)}}}""",
        5 => $$"""{"all":{{Value(dice)}},"type":{{Value(dice)}}}""",
        7 => $$"""{"key":{{dice.Of("\"k1\"", "\"k2\"", Value(dice))}}}""",
        8 => $$"""{"undo":{{dice.Of("\"AAAAAAAA\"", "\"a:b;c\"", Value(dice))}}}""",
        6 => $$"""{"all":true,"upTo":{{Id(dice)}},"group":"g1"}""",
        _ => $$"""{"read":{{Value(dice)}},"archived":{{Value(dice)}}}""",
    };

    private static string Actions(Dice dice) => dice.Below(5) switch
    {
        0 => $$"""[{"id":{{Value(dice)}},"label":{{Value(dice)}},"url":{{Value(dice)}}}]""",
        1 => """[{"id":"a","label":"A"},{"id":"a","label":"A"}]""",
        2 => $"[{string.Join(',', Enumerable.Repeat("{\"id\":\"a\",\"label\":\"A\"}", dice.Of(0, 4, 1_000)))}]",
        3 => $"[{Value(dice)},null,{{}},[{{}}]]",
        _ => Value(dice),
    };

    private static string Id(Dice dice) => dice.Of("\"1-1\"", "\"0-0\"", "\"9223372036854775807-9223372036854775807\"", "\"99999999999999999999-1\"", "\"-1-1\"", "\"1\"", "\"\"", "7", "null", "\"1-1-1\"", "\"x\"", "[]");

    private static string Value(Dice dice) => dice.Below(22) switch
    {
        0 => "null",
        1 => "true",
        2 => "false",
        3 => "-0",
        4 => "1e400",
        5 => new string('9', 1 + dice.Below(400)),
        6 => "0." + new string('1', 1 + dice.Below(400)),
        7 => "\"\"",
        8 => "\"\\ud800\"",
        9 => "\"\\udc00\\ud800\"",
        10 => "\"\\u0000\"",
        11 => "\"\u200b\"",
        12 => "\"😀\"",
        13 => $"\"{new string('x', dice.Below(5_000))}\"",
        14 => "[1,[2,{\"a\":[]}]]",
        15 => "{\"a\":1,\"a\":2}",
        16 => dice.Of("\"2030-01-01T00:00:00Z\"", "\"0001-01-01T00:00:00Z\"", "\"9999-12-31T23:59:60Z\"", "\"2030-02-30T00:00:00Z\"", "\"2030-01-01\"", "\"2030-01-01t00:00:00.123456789z\"", "\"2030-01-01T00:00:00+99:99\"", "\"0001-01-01T00:00:00+14:00\"", "\"9999-12-31T23:59:59-14:00\""),
        17 => dice.Of("\"javascript:x\"", "\"//evil\"", "\"/\\\\evil\"", "\"https://x\"", "\"http://[\"", "\"/a b\"", "\"\\u0009/x\""),
        18 => "{\"id\":\"a\",\"name\":7,\"x\":1}",
        19 => "\"high\"",
        20 => $"\"{dice.Word(300)}\"",
        _ => dice.Below(1000).ToString(CultureInfo.InvariantCulture),
    };

    private static string Bomb(Dice dice)
    {
        var data = dice.Below(5) switch
        {
            0 => Nested(dice.Of(60, 64, 65, 1_000, 30_000)),
            1 => $"[{string.Join(',', Enumerable.Repeat("1", dice.Of(10, 8_000, 40_000)))}]",
            2 => $"{{{string.Join(',', Enumerable.Range(0, dice.Of(10, 2_000)).Select(i => $"\"{i}\":{i}"))}}}",
            3 => new string('1', dice.Of(100, 16_000, 70_000)),
            _ => $"{{{string.Join(',', Enumerable.Repeat("\"a\":1", dice.Of(10, 5_000)))}}}",
        };
        return $$"""{"type":"t","title":"bomb","data":{{data}}}""";

        static string Nested(int depth) => new string('[', depth) + new string(']', depth);
    }
}
