using System.Buffers;
using System.Text;
using System.Text.Json;

namespace OrleansInbox.Tests.Grains.Model;

public sealed class NotificationJsonTests
{
    private static readonly DateTimeOffset _time = new(2026, 1, 2, 5, 4, 5, 60, TimeSpan.FromHours(2));

    private static readonly JsonSerializerOptions _indented = new() { WriteIndented = true };

    [Fact]
    public void What_is_absent_is_left_out() =>
        Assert.Equal("""{"createdAt":"2026-01-02T03:04:05.060Z","type":"a","title":"b"}""", Render(new() { Type = "a", Title = "b" }));

    [Fact]
    public void Everything_stands_in_its_place_and_data_loses_its_white_space_only()
    {
        var json = Render(new()
        {
            Type = "comment.created",
            Title = "Ann commented",
            Body = "…",
            Url = "/posts/7",
            Actor = new() { Id = "ann", Name = "Ann", AvatarUrl = "/a.png" },
            Group = "post:7",
            Data = Encoding.UTF8.GetBytes(" {\r\n \"a \\\" b\\\\\" : [ 1.50 , 1e400, null ],\t\"\\u00e9é\":\" x \" } \n"),
            Priority = Priority.High,
            ExpiresAt = new(2027, 1, 1, 1, 0, 0, TimeSpan.FromHours(1)),
        });
        Assert.Equal(
            """{"createdAt":"2026-01-02T03:04:05.060Z","type":"comment.created","title":"Ann commented","body":"…","url":"/posts/7","""
            + """ "actor":{"id":"ann","name":"Ann","avatarUrl":"/a.png"},"group":"post:7","data":{"a \" b\\":[1.50,1e400,null],"\u00e9é":" x "},"""[1..]
            + """ "priority":"high","expiresAt":"2027-01-01T00:00:00Z"}"""[1..],
            json);
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("日本語 ü é 😀 👩‍👩‍👧")]
    [InlineData("😀\"\\\r\n😀\u2028\\ud83d\\ude00\0😀")]
    [InlineData("\"quotes\" and \\ back \\\\ slashes \\u0041")]
    [InlineData("line\nfeed\r\nand\ttab\0 and \u0001\u001f\u007f\u0085\u2028\u2029")]
    [InlineData("</script><script>alert(1)</script> <!-- & -->")]
    [InlineData("data: x\n\nevent: reset\ndata: {}\n\n")]
    [InlineData("\uFFFE\uFFFF\uFEFF")]
    public void Hostile_and_foreign_text_comes_back_as_it_was_on_one_line(string text)
    {
        var data = JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, string> { [text] = text }, _indented);
        var json = Render(new() { Type = "a", Title = text, Body = text, Group = text, Actor = new() { Name = text }, Data = data });
        Assert.DoesNotContain('\n', json);
        Assert.DoesNotContain('\r', json);
        var root = JsonDocument.Parse(json).RootElement;
        Assert.Equal(text, root.GetProperty("title").GetString());
        Assert.Equal(text, root.GetProperty("body").GetString());
        Assert.Equal(text, root.GetProperty("actor").GetProperty("name").GetString());
        Assert.Equal(text, root.GetProperty("data").GetProperty(text).GetString());
        Assert.True(NotificationJson.Matches(Encoding.UTF8.GetBytes(json), ["x", "a"], text));
    }

    [Fact]
    public void Letters_stay_readable() =>
        Assert.Contains("\"title\":\"ü 日 <b>\"", Render(new() { Type = "a", Title = "ü 日 <b>" }), StringComparison.Ordinal);

    [Fact]
    public void Emoji_stay_readable_and_what_stands_between_is_escaped() =>
        Assert.Contains("""
            "title":"😀\n\r\"\\uD83D\u2028\u0000ü x😀"
            """, Render(new() { Type = "a", Title = "😀\n\r\"\\uD83D\u2028\0ü x😀" }), StringComparison.Ordinal);

    [Theory]
    [InlineData("null")]
    [InlineData("0")]
    [InlineData("\"\"")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"action":"opened","number":2,"pull_request":{"id":279147437,"labels":[{"id":1,"color":"d73a4a","default":true}],"merged_at":null,"body":"a\r\nb","_links":{"self":{"href":"https://api.github.com/repos/C/H/pulls/2"}}}}""")]
    public void Any_minified_json_is_stored_as_it_is(string data)
    {
        Assert.Null(NotificationRules.Check(new() { Type = "a", Title = "b", Data = Encoding.UTF8.GetBytes(data) }, _time));
        Assert.EndsWith($",\"data\":{data}}}", Render(new() { Type = "a", Title = "b", Data = Encoding.UTF8.GetBytes(data) }), StringComparison.Ordinal);
        Assert.EndsWith($",\"data\":{data}}}", Render(new() { Type = "a", Title = "b", Data = Encoding.UTF8.GetBytes($" \n{data}\t ") }), StringComparison.Ordinal);
    }

    [Fact]
    public void An_item_is_the_stored_json_between_its_id_and_its_flags()
    {
        var output = new ArrayBufferWriter<byte>();
        NotificationJson.WriteItem(output, new(1_766_000_000_000, 42), "{\"createdAt\":\"x\"}"u8, new(Read: true, Seen: false, Archived: true));
        Assert.Equal("""{"id":"1766000000000-42","createdAt":"x","read":true,"seen":false,"archived":true}""", Text(output));
        output.Clear();
        NotificationJson.WriteItem(output, new(long.MaxValue, long.MaxValue), "{\"a\":1}"u8, new(Read: false, Seen: true, Archived: false));
        Assert.Equal("""{"id":"9223372036854775807-9223372036854775807","a":1,"read":false,"seen":true,"archived":false}""", Text(output));
    }

    [Fact]
    public void Counts_have_a_head_or_null()
    {
        var output = new ArrayBufferWriter<byte>();
        NotificationJson.WriteCounts(output, Counts(long.MaxValue, new(long.MaxValue, long.MaxValue)));
        Assert.Equal(
            """{"unread":9223372036854775807,"unseen":9223372036854775807,"total":9223372036854775807,"head":"9223372036854775807-9223372036854775807","version":9223372036854775807}""",
            Text(output));
        output.Clear();
        NotificationJson.WriteCounts(output, Counts(0, null));
        Assert.Equal("""{"unread":0,"unseen":0,"total":0,"head":null,"version":0}""", Text(output));
    }

    [Fact]
    public void A_change_is_told_by_its_ids_or_by_how_far_it_went()
    {
        const string counts = """{"unread":0,"unseen":0,"total":0,"head":null,"version":0}""";
        var change = new MarkChange { Action = MarkAction.Unarchive, Epoch = 5, Seqs = [1, 3], MarksVersion = 1, Counts = Counts(0, null) };
        Assert.Equal($$"""{"action":"unarchive","ids":["5-1","5-3"],"counts":{{counts}}}""", Text(change));
        Assert.Equal($$"""{"ids":["5-1","5-3"],"counts":{{counts}}}""", Text(change with { Action = null }));
        Assert.Equal($$"""{"action":"seen","upTo":"5-9","counts":{{counts}}}""", Text(change with { Action = MarkAction.Seen, UpTo = new(5, 9), Seqs = [] }));

        static string Text(MarkChange change)
        {
            var output = new ArrayBufferWriter<byte>();
            NotificationJson.WriteChange(output, change);
            return NotificationJsonTests.Text(output);
        }
    }

    [Theory]
    [InlineData(null, null, true)]
    [InlineData("a", null, true)]
    [InlineData("b,a", "g", true)]
    [InlineData("b", null, false)]
    [InlineData("b", "g", false)]
    [InlineData("a", "h", false)]
    [InlineData(null, "g", true)]
    [InlineData(null, "inner", false)]
    [InlineData("inner", null, false)]
    [InlineData("", null, false)]
    public void Type_and_group_are_compared_at_the_top_level_only(string? types, string? group, bool matches)
    {
        var stored = Encoding.UTF8.GetBytes(Render(new()
        {
            Type = "a",
            Title = "\"type\":\"inner\"",
            Actor = new() { Name = "inner" },
            Group = "g",
            Data = """{"type":"inner","group":"inner"}"""u8.ToArray(),
        }));
        Assert.Equal(matches, NotificationJson.Matches(stored, types?.Split(','), group));
    }

    [Fact]
    public void Without_a_group_no_group_matches()
    {
        var stored = Encoding.UTF8.GetBytes(Render(new() { Type = "a", Title = "b", Data = """{"group":"g"}"""u8.ToArray() }));
        Assert.False(NotificationJson.Matches(stored, ["a"], "g"));
    }

    private static InboxCounts Counts(long n, NotificationId? head) => new() { Unread = n, Unseen = n, Total = n, Head = head, Version = n };

    private static string Render(NewNotification notification) => Encoding.UTF8.GetString(NotificationJson.Render(notification, _time));

    private static string Text(ArrayBufferWriter<byte> output) => Encoding.UTF8.GetString(output.WrittenSpan);
}
