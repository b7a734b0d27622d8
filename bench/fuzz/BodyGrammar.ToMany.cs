using System.Text;

namespace OrleansInbox.Fuzz;

/// <summary>Bodies of batches, topics and announcements.</summary>
internal static partial class BodyGrammar
{
    public static byte[] Batch(Dice dice) =>
        Encoding.UTF8.GetBytes($$"""{"users":[{{Users(dice, 1 + dice.Below(5))}}],"notification":{{Encoding.UTF8.GetString(Publish(dice, dice.Word(20)))}}}""");

    public static byte[] TopicPublish(Dice dice) =>
        Encoding.UTF8.GetBytes($$"""{"type":"{{dice.Of("t", "u", "comment.created")}}","title":"{{dice.Word(20)}}"{{Optional(dice)}}{{(dice.OnceIn(3) ? $",\"except\":[{Users(dice, dice.Below(3))}]" : "")}}}""");

    /// <summary>Nobody is in both lists.</summary>
    public static byte[] Subscribers(Dice dice) =>
        Encoding.UTF8.GetBytes($$"""{"add":[{{Users(dice, 1 + dice.Below(8))}}]{{dice.Of("", ",\"remove\":[]", ",\"remove\":[\"nobody\"]")}}}""");

    public static byte[] Open(Dice dice) => Encoding.UTF8.GetBytes(dice.Of("""{"open":true}""", """{"open":false}"""));

    public static byte[] Announcement(Dice dice) =>
        Encoding.UTF8.GetBytes($$"""{"notification":{"type":"{{dice.Of("t", "u")}}","title":"{{dice.Word(20)}}"{{Optional(dice)}}{{dice.Of("", ",\"mandatory\":true")}}},"expiresAt":"{{Ahead(dice.Of(7_200, 1_000_000))}}"{{dice.Of("", ",\"newcomers\":true", ",\"newcomers\":false")}}}""");

    private static bool IsToMany(string target) => target.StartsWith("/v1/topics", StringComparison.Ordinal) || target.StartsWith("/v1/notifications", StringComparison.Ordinal) || target.StartsWith("/v1/announcements", StringComparison.Ordinal);

    private static string OddToMany(Dice dice, string target) =>
        target.StartsWith("/v1/announcements", StringComparison.Ordinal) ? OddAnnouncement(dice)
        : target.EndsWith("/subscribers", StringComparison.Ordinal) ? $$"""{"add":{{OddUsers(dice)}},"remove":{{OddUsers(dice)}}}"""
        : target.StartsWith("/v1/notifications", StringComparison.Ordinal) ? $$"""{"users":{{OddUsers(dice)}},"notification":{{Inner(dice)}}}"""
        : target.EndsWith("/notifications", StringComparison.Ordinal) ? $$"""{"type":"t","title":"odd","key":{{dice.Of("\"k1\"", Value(dice))}},"except":{{OddUsers(dice)}}}"""
        : dice.Of("""{"open":true}""", """{"open":true,"open":false}""", $$"""{"open":{{Value(dice)}}}""", "{}", $$"""{"open":true,"x":{{Value(dice)}}}""");

    private static string OddAnnouncement(Dice dice) =>
        $$"""{"notification":{{Inner(dice)}},"expiresAt":{{Time(dice)}},"newcomers":{{dice.Of("true", "false", Value(dice))}}}""";

    private static string Inner(Dice dice) => dice.Below(6) switch
    {
        0 => Value(dice),
        1 => OddPublish(dice),
        2 => dice.Of("{}", "[]", "[{}]", "{\"notification\":{}}", "{\"type\":\"t\"}", "{\"type\":\"t\",\"title\":\"T\"},\"notification\":{}"),
        3 => $$"""{"type":"t","title":"T","except":{{OddUsers(dice)}}}""",
        4 => $$"""{"type":{{Value(dice)}},"title":{{Value(dice)}},"data":{{Value(dice)}},"actor":{{Value(dice)}},"actions":{{Actions(dice)}},"key":{{Value(dice)}}}""",
        _ => Encoding.UTF8.GetString(Publish(dice, dice.Word(20))),
    };

    private static string OddUsers(Dice dice) => dice.Below(8) switch
    {
        0 => Value(dice),
        1 => $"[{string.Join(',', Enumerable.Repeat("\"u1\"", dice.Of(0, 2, 1_000, 1_001)))}]",
        2 => $"[{string.Join(',', Enumerable.Range(0, dice.Of(1_001, 20_000)).Select(i => $"\"u{i}\""))}]",
        3 => $"[{string.Join(',', Enumerable.Range(0, dice.Below(4)).Select(_ => Value(dice)))}]",
        _ => $"[{string.Join(',', Enumerable.Range(0, dice.Below(5)).Select(_ => dice.Of("\"u1\"", "\"u2\"", "\"a/b\"", "\"me\"", "\".\"", "\"..\"", "\"\"", "\"\\ud800\"", "\"a\\u0000b\"", "\"😀\"", "\"default/u1\"", $"\"{new string('x', dice.Of(128, 129))}\"", "null")))}]",
    };

    /// <summary>So many, each once.</summary>
    private static string Users(Dice dice, int count) =>
        string.Join(',', Enumerable.Range(0, count).Select(_ => PathGrammar.User(dice)).Distinct(StringComparer.Ordinal).Select(user => $"\"{user}\""));
}
