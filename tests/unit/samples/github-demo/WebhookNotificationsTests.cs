using System.Text.RegularExpressions;
using OrleansInbox.Samples.GithubDemo;
using Xunit.Abstractions;

namespace OrleansInbox.Tests.Samples.GithubDemo;

public sealed partial class WebhookNotificationsTests(ITestOutputHelper output)
{
    private const string Opened = """
        {"event":"issues","payload":{"action":"opened","issue":{"number":1,"title":"Spelling error","body":"Please look, @octocat! (not a@example.com, @npm/pkg or `@code`)",
        "html_url":"https://example.com/1","user":{"login":"Codertocat"},"assignees":[{"login":"hacktocat"},{"login":"codertocat"}]},
        "repository":{"full_name":"Codertocat/Hello-World","owner":{"login":"Codertocat","type":"User"}},"sender":{"login":"Codertocat","avatar_url":"https://example.com/a.png"}}}
        """;

    [Fact]
    public void An_issue_concerns_author_assignees_and_mentioned_but_not_the_sender()
    {
        var published = From(Opened);

        Assert.Equal(["hacktocat", "octocat"], published.Select(publish => publish.User));
        var notification = published[0].Notification;
        Assert.Equal("issues.opened", notification.Type);
        Assert.Equal("Codertocat opened issue #1: Spelling error", notification.Title);
        Assert.Equal("https://example.com/1", notification.Url);
        Assert.Equal("issue:Codertocat/Hello-World#1", notification.Group);
        Assert.Equal(new Actor("Codertocat", "Codertocat", "https://example.com/a.png"), notification.Actor);
    }

    [Fact]
    public void A_requested_reviewer_and_the_author_hear_of_a_pull_request()
    {
        var published = From("""
            {"event":"pull_request","payload":{"action":"review_requested","requested_reviewer":{"login":"octocat"},
            "pull_request":{"number":2,"title":"Update the README","user":{"login":"ann"},"requested_reviewers":[{"login":"octocat"}]},"sender":{"login":"bob"}}}
            """);

        Assert.Equal(["ann", "octocat"], published.Select(publish => publish.User));
        Assert.Equal("bob asked octocat to review pull request #2: Update the README", published[1].Notification.Title);
        Assert.Equal("high", published[1].Notification.Priority);
    }

    [Fact]
    public void What_has_no_author_concerns_the_owner_of_the_repository()
    {
        var published = From("""
            {"event":"fork","payload":{"forkee":{"owner":{"login":"ann"}},"repository":{"full_name":"bob/tool","html_url":"javascript:alert(1)","owner":{"login":"bob","type":"User"}},"sender":{"login":"ann"}}}
            """);

        var publish = Assert.Single(published);
        Assert.Equal("bob", publish.User);
        Assert.Equal("ann forked bob/tool", publish.Notification.Title);
        Assert.Null(publish.Notification.Url);
    }

    [Theory]
    [InlineData("""{"event":"x","payload":{}}""")]
    [InlineData("""{"event":"issues","payload":{"action":5,"issue":[1],"sender":null,"repository":"?"}}""")]
    [InlineData("""{"event":"issues","payload":{"issue":{"user":{"login":7},"assignees":[null,3,{"login":null}],"body":{}}}}""")]
    public void Odd_shapes_concern_nobody_and_break_nothing(string line) => Assert.Empty(From(line));

    [Theory]
    [InlineData("{\"event\":", "not JSON")]
    [InlineData("[]", "not a JSON object")]
    [InlineData("{\"payload\":{}}", "event")]
    [InlineData("{\"event\":\"issues\",\"payload\":[]}", "payload")]
    public void What_is_no_delivery_is_refused_with_a_reason(string line, string reason) =>
        Assert.Contains(reason, Assert.Throws<FormatException>(() => WebhookDelivery.Parse(line)).Message, StringComparison.Ordinal);

    [Fact]
    public void The_same_delivery_keeps_its_key_and_each_person_has_their_own()
    {
        Assert.Equal(From(Opened).Select(publish => publish.IdempotencyKey), From(Opened).Select(publish => publish.IdempotencyKey));
        Assert.Equal(2, From(Opened).Select(publish => publish.IdempotencyKey).Distinct().Count());
    }

    [Fact]
    public void Every_real_delivery_becomes_legal_notifications()
    {
        // The real file lies beside a checkout of the team; elsewhere the samples above stand for it.
        var file = RealFile();
        var lines = file is null ? [Opened] : File.ReadAllLines(file);
        var all = lines.SelectMany(line => From(line)).ToList();

        Assert.NotEmpty(all);
        Assert.All(all, publish =>
        {
            var notification = publish.Notification;
            Assert.Matches(LegalType(), notification.Type);
            Assert.InRange(notification.Title.Length, 1, 255);
            Assert.DoesNotContain("#:", notification.Title, StringComparison.Ordinal);
            Assert.DoesNotContain("  ", notification.Title, StringComparison.Ordinal);
            Assert.True(notification.Body is null or { Length: <= 4096 });
            Assert.True(notification.Url is null || notification.Url.StartsWith("https://", StringComparison.Ordinal));
            Assert.InRange(publish.IdempotencyKey.Length, 1, 255);
            Assert.NotEqual(publish.User, notification.Actor?.Id, StringComparer.OrdinalIgnoreCase);
        });
        if (file is not null)
            Assert.True(all.Count(publish => publish.User == "octocat") > 10, "octocat was asked to review");
        foreach (var publish in all)
            output.WriteLine($"{publish.User,-14} {publish.Notification.Type,-36} {publish.Notification.Title}");
    }

    private static IReadOnlyList<Publication> From(string line) => WebhookNotifications.From(WebhookDelivery.Parse(line.ReplaceLineEndings("")));

    private static string? RealFile()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (Path.Combine(folder.FullName, "shared", "data", "github-webhooks.ndjson") is var file && File.Exists(file))
                return file;
        return null;
    }

    [GeneratedRegex("^[a-z0-9._-]{1,128}$")]
    private static partial Regex LegalType();
}
