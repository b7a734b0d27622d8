using System.Text.Json;
using System.Text.RegularExpressions;

namespace OrleansInbox.Samples.GithubDemo;

/// <summary>
/// Whom a delivery concerns: the author, the assignees, the requested reviewers and who is @mentioned, never the sender.
/// Of what has no author of its own (a fork, a star, an alert) it is the one who owns the repository.
/// </summary>
public static partial class WebhookPeople
{
    /// <summary>Where deliveries keep what they are about; the first one that is there is what a reader would call the subject.</summary>
    internal static readonly string[] Subjects =
    [
        "comment", "review", "answer", "issue", "pull_request", "discussion", "release", "workflow_run", "deployment_status", "deployment",
        "package", "registry_package", "project_card", "project", "projects_v2_item", "forkee", "commit",
    ];

    private static readonly string[] Authors = ["user", "author", "creator", "actor", "owner"];

    /// <summary>People whom the delivery names outside its subject.</summary>
    private static readonly string[] Named = ["assignee", "requested_reviewer", "member", "user", "requester"];

    public static IReadOnlyList<string> Of(WebhookDelivery delivery)
    {
        JsonElement? payload = delivery.Payload;
        var sender = payload.Object("sender").Text("login");
        var people = new List<string>();
        var hasAuthor = false;
        foreach (var name in Subjects)
        {
            if (payload.Object(name) is not { } subject)
                continue;
            foreach (var role in Authors)
                if (subject.Object(role).Text("login") is { Length: > 0 } author)
                {
                    hasAuthor |= name != "forkee";
                    people.Add(author);
                }
            people.AddRange(Logins(subject, "assignees"));
            people.AddRange(Logins(subject, "requested_reviewers"));
            people.AddRange(Mentions(subject.Text("body")));
        }
        people.AddRange(Named.Select(name => payload.Object(name).Text("login")).OfType<string>());
        if (payload.Object("membership").Object("user").Text("login") is { } joined)
            people.Add(joined);
        foreach (var commit in payload.List("commits"))
            people.AddRange(Mentions(commit.Text("message")));
        var owner = payload.Object("repository").Object("owner");
        if (!hasAuthor && owner.Text("type") == "User" && owner.Text("login") is { } login)
            people.Add(login);
        return [.. people
            .Where(person => person.Length > 0 && !string.Equals(person, sender, StringComparison.OrdinalIgnoreCase) && !person.EndsWith("[bot]", StringComparison.Ordinal))
            .DistinctBy(person => person.ToUpperInvariant())]; // GitHub's logins know no case
    }

    private static IEnumerable<string> Logins(JsonElement? of, string name) =>
        of.List(name).Select(person => person.Text("login")).OfType<string>();

    private static IEnumerable<string> Mentions(string? text) =>
        text is null ? [] : Mention().Matches(Code().Replace(text, " ")).Select(match => match.Groups[1].Value);

    /// <summary>No e-mail address, no team (<c>@org/team</c>), no package (<c>@scope/name</c>).</summary>
    [GeneratedRegex(@"(?<![\w@/.+-])@([a-z0-9](?:-?[a-z0-9]){0,38})(?![\w/-])(?!\.\w)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Mention();

    /// <summary>In code, <c>@</c> is no mention.</summary>
    [GeneratedRegex("```.*?(?:```|$)|`[^`\n]*`", RegexOptions.Singleline)]
    private static partial Regex Code();
}
