using System.Globalization;
using System.Text;

namespace OrleansInbox.Fuzz;

/// <summary>Bodies: publishes, marks, patches, undos, and what is none of these.</summary>
internal static class BodyGrammar
{
    public static byte[] Publish(Dice dice, string title) =>
        Encoding.UTF8.GetBytes($$"""{"type":"{{dice.Of("t", "u", "comment.created")}}","title":"{{title}}"{{(dice.OnceIn(2) ? Optional(dice) : "")}}}""");

    public static byte[] Any(Dice dice)
    {
        var json = dice.Below(7) switch
        {
            0 => Mark(dice),
            1 => Encoding.UTF8.GetString(Publish(dice, dice.Word(20))),
            2 => Bomb(dice),
            3 => $$"""{"type":{{Value(dice)}},"title":{{Value(dice)}},"body":{{Value(dice)}},"url":{{Value(dice)}},"actor":{{Value(dice)}},"group":{{Value(dice)}},"data":{{Value(dice)}},"priority":{{Value(dice)}},"key":{{Value(dice)}},"actions":{{Actions(dice)}},"expiresAt":{{Value(dice)}}}""",
            4 => $$"""{"type":"t","title":"T","data":{{Value(dice)}},"expiresAt":{{Value(dice)}}}""",
            5 => dice.Of("", "{", "}", "[]", "null", "7", "\"x\"", "{}", "{}{}", "\ufeff{}", "//", "{\"a\":}", "{'type':'t'}", "\0", "{\"type\":\"t\",\"title\":\"T\",}"),
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
        16 => dice.Of("\"2030-01-01T00:00:00Z\"", "\"0001-01-01T00:00:00Z\"", "\"9999-12-31T23:59:60Z\"", "\"2030-02-30T00:00:00Z\"", "\"2030-01-01\"", "\"2030-01-01t00:00:00.123456789z\"", "\"2030-01-01T00:00:00+99:99\""),
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
