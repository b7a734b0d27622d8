using System.Text;

namespace OrleansInbox.Tests.Abstractions;

public sealed class NotificationRulesTests
{
    private static readonly DateTimeOffset _now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private static readonly NewNotification _fine = new() { Type = "comment.created", Title = "Ann commented" };

    [Fact]
    public void What_is_fine_has_no_reasons()
    {
        var full = _fine with
        {
            Body = "…",
            Url = "/posts/7",
            Actor = new() { Id = "ann", Name = "Ann", AvatarUrl = "https://avatars.example/u/1?v=4" },
            Group = "post:7",
            Data = "{\"any\":\"json\"}"u8.ToArray(),
            Priority = Priority.Normal,
            ExpiresAt = _now.AddDays(1),
            IdempotencyKey = "k",
        };
        Assert.Null(NotificationRules.Check(full, _now));
    }

    public static TheoryData<string, NewNotification> Broken => new()
    {
        { "type", _fine with { Type = null! } },
        { "type", _fine with { Type = "" } },
        { "type", _fine with { Type = "Comment" } },
        { "type", _fine with { Type = "a b" } },
        { "type", _fine with { Type = "ä" } },
        { "type", _fine with { Type = new('a', 129) } },
        { "title", _fine with { Title = null! } },
        { "title", _fine with { Title = "" } },
        { "title", _fine with { Title = new('a', 256) } },
        { "title", _fine with { Title = "half \uD83D" } },
        { "title", _fine with { Title = "\uDE00 first" } },
        { "body", _fine with { Body = new('b', 4_097) } },
        { "body", _fine with { Body = "\uD83D\uD83D" } },
        { "url", _fine with { Url = "/" + new string('u', 2_048) } },
        { "group", _fine with { Group = "" } },
        { "group", _fine with { Group = new('g', 256) } },
        { "actor.id", _fine with { Actor = new() { Id = new('i', 256) } } },
        { "actor.name", _fine with { Actor = new() { Name = "\uD83D" } } },
        { "actor.avatarUrl", _fine with { Actor = new() { AvatarUrl = "data:image/png;base64,AAAA" } } },
        { "priority", _fine with { Priority = (Priority)7 } },
        { "expiresAt", _fine with { ExpiresAt = _now } },
        { "expiresAt", _fine with { ExpiresAt = _now.ToOffset(TimeSpan.FromHours(5)).AddTicks(-1) } },
        { "Idempotency-Key", _fine with { IdempotencyKey = "" } },
        { "Idempotency-Key", _fine with { IdempotencyKey = "a\nb" } },
        { "Idempotency-Key", _fine with { IdempotencyKey = new('k', 256) } },
        { "data", _fine with { Data = [] } },
        { "data", _fine with { Data = "{"u8.ToArray() } },
        { "data", _fine with { Data = "1 2"u8.ToArray() } },
        { "data", _fine with { Data = "[1,]"u8.ToArray() } },
        { "data", _fine with { Data = "// no\n1"u8.ToArray() } },
        { "data", _fine with { Data = "NaN"u8.ToArray() } },
        { "data", _fine with { Data = [(byte)'"', 0xFF, (byte)'"'] } },
        { "data", _fine with { Data = "[\"\\ud83d\"]"u8.ToArray() } },
        { "data", _fine with { Data = "{\"\\ude00\":1}"u8.ToArray() } },
        { "data", _fine with { Data = Encoding.UTF8.GetBytes(new string('[', 60) + new string(']', 60)) } },
        { "data", _fine with { Data = Encoding.UTF8.GetBytes($"\"{new string('d', 16 * 1_024 - 1)}\"") } },
    };

    [Theory]
    [MemberData(nameof(Broken), DisableDiscoveryEnumeration = true)]
    public void What_breaks_a_rule_is_named_with_a_reason(string field, NewNotification notification)
    {
        var (name, reasons) = Assert.Single(NotificationRules.Check(notification, _now)!);
        Assert.Equal(field, name);
        Assert.EndsWith(".", Assert.Single(reasons));
    }

    [Fact]
    public void All_reasons_are_told_at_once()
    {
        var errors = NotificationRules.Check(new NewNotification { Type = "", Title = "", Url = "x" }, _now)!;
        Assert.Equal(["type", "title", "url"], errors.Keys);
        Assert.StartsWith("type: Is required. title: ", NotificationRules.InOneLine(errors), StringComparison.Ordinal);
    }

    [Fact]
    public void The_limits_themselves_are_legal_and_an_emoji_is_one_character()
    {
        var limits = new NewNotification
        {
            Type = new('a', 128),
            Title = string.Concat(Enumerable.Repeat("😀", 255)),
            Body = new('ü', 4_096),
            Url = "/" + new string('u', 2_047),
            Group = new('g', 255),
            IdempotencyKey = new('k', 255),
            Data = Encoding.UTF8.GetBytes($"\"{new string('d', 16 * 1_024 - 2)}\""),
            ExpiresAt = _now.AddTicks(1),
        };
        Assert.Null(NotificationRules.Check(limits, _now));
        Assert.Equal("title", Assert.Single(NotificationRules.Check(limits with { Title = limits.Title + "a" }, _now)!).Key);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/posts/7?a=b&c=%20#x")]
    [InlineData("/straße/日本")]
    [InlineData("/a//b")]
    [InlineData("http://localhost:8080")]
    [InlineData("HTTPS://Example.com/a?b#c")]
    [InlineData("https://[::1]/x")]
    [InlineData("https://bücher.example/")]
    public void Web_addresses_and_paths_are_urls(string url) => Assert.Null(NotificationRules.Check(_fine with { Url = url }, _now));

    [Theory]
    [InlineData("")]
    [InlineData(" /a")]
    [InlineData("posts/7")]
    [InlineData("?a")]
    [InlineData("//evil.example/")]
    [InlineData("/\\evil.example")]
    [InlineData("\\\\evil.example")]
    [InlineData("/\t/evil.example")]
    [InlineData("/\n/evil.example")]
    [InlineData("/a b")]
    [InlineData("/a\u0085b")]
    [InlineData("javascript:alert(1)")]
    [InlineData("JaVaScRiPt:alert(1)")]
    [InlineData("java\nscript:alert(1)")]
    [InlineData("data:text/html,x")]
    [InlineData("ftp://a/b")]
    [InlineData("mailto:a@b")]
    [InlineData("http:/a")]
    [InlineData("http:a")]
    [InlineData("https://")]
    [InlineData("https:///a")]
    [InlineData("https://a:99999/")]
    [InlineData("https:\\\\evil.example")]
    public void Nothing_else_is_a_url(string url)
    {
        Assert.Equal("url", Assert.Single(NotificationRules.Check(_fine with { Url = url }, _now)!).Key);
        Assert.Equal("actor.avatarUrl", Assert.Single(NotificationRules.Check(_fine with { Actor = new() { AvatarUrl = url } }, _now)!).Key);
    }
}
