using System.Globalization;
using System.Text.Json;

namespace OrleansInbox.Samples.GithubDemo;

/// <summary>One line that says what happened: <c>Codertocat opened issue #1: Spelling error in the README file</c>.</summary>
public static class WebhookSentence
{
    public static string Of(WebhookDelivery delivery)
    {
        JsonElement? payload = delivery.Payload;
        var who = payload.Object("sender").Text("login") ?? "GitHub";
        var action = (payload.Text("action") ?? "").Replace('_', ' ');
        var where = payload.Object("repository").Text("full_name");
        var issue = Thing("issue", payload.Object("issue"));
        var pull = Thing("pull request", payload.Object("pull_request"));
        var talk = Thing("discussion", payload.Object("discussion"));
        var sentence = delivery.Event switch
        {
            "issues" => $"{who} {Done(action, payload)} {issue}",
            "issue_comment" => $"{who} {Spoke(action)} {issue}",
            "pull_request" when action == "review requested" => $"{who} asked {payload.Object("requested_reviewer").Text("login") ?? "for a team"} to review {pull}",
            "pull_request" when action == "review request removed" => $"{who} no longer asks {payload.Object("requested_reviewer").Text("login") ?? "a team"} to review {pull}",
            "pull_request" when action == "closed" && payload.Object("pull_request").Flag("merged") => $"{who} merged {pull}",
            "pull_request" when action == "synchronize" => $"{who} pushed new commits to {pull}",
            "pull_request" when action == "converted to draft" => $"{who} made a draft of {pull}",
            "pull_request" when action == "ready for review" => $"{who} says this is ready for review: {pull}",
            "pull_request" => $"{who} {Done(action, payload)} {pull}",
            "pull_request_review" when action == "submitted" => $"{who} {Verdict(payload.Object("review").Text("state"))} {pull}",
            "pull_request_review" => $"{who} {action} a review of {pull}",
            "pull_request_review_comment" => $"{who} {Spoke(action)} {pull}",
            "pull_request_review_thread" => $"{who} {action} a thread of {pull}",
            "discussion" => $"{who} {Done(action, payload)} {talk}",
            "discussion_comment" => $"{who} {Spoke(action)} {talk}",
            "commit_comment" => $"{who} {Spoke(action)} a commit of {where}",
            "fork" => $"{who} forked {where}",
            "star" => $"{who} {(action == "deleted" ? "took a star from" : "starred")} {where}",
            "watch" => $"{who} starred {where}",
            "push" => $"{who} pushed to {where}",
            "gollum" => $"{who} changed the wiki of {where}",
            "member" => $"{who} {action} {payload.Object("member").Text("login")} to {where}",
            "organization" when action is "member added" or "member invited" =>
                $"{who} {action[7..]} {payload.Object("membership").Object("user").Text("login") ?? payload.Object("user").Text("login")} to {payload.Object("organization").Text("login")}",
            "release" => $"{who} {action} {payload.Object("release").Text("name") ?? payload.Object("release").Text("tag_name")} of {where}",
            "registry_package" or "package" => $"{who} {action} package {payload.Object(delivery.Event).Text("name")} of {where}",
            "workflow_run" or "workflow_job" => $"{payload.Object(delivery.Event).Text("name") ?? "A workflow"} {payload.Object(delivery.Event).Text("conclusion") ?? action} in {where}",
            _ => string.Join(' ', new[] { $"{who}:", delivery.Event.Replace('_', ' '), action, where is null ? "" : $"in {where}" }.Where(word => word.Length > 0)),
        };
        return OneLine(sentence);
    }

    private static string Done(string action, JsonElement? payload) => action switch
    {
        "assigned" or "unassigned" when payload.Object("assignee").Text("login") is { } person => $"{action} {person} {(action == "assigned" ? "to" : "from")}",
        "labeled" or "unlabeled" when payload.Object("label").Text("name") is { } label => $"{(action == "labeled" ? "put" : "took")} label {label} {(action == "labeled" ? "on" : "off")}",
        "milestoned" => "set the milestone of",
        "demilestoned" => "cleared the milestone of",
        "created" => "started",
        "category changed" => "moved",
        "answered" => "chose the answer to",
        "unanswered" => "took back the answer to",
        "" => "changed",
        _ => action,
    };

    private static string Spoke(string action) => action switch
    {
        "created" => "commented on",
        "edited" => "edited a comment on",
        "deleted" => "deleted a comment on",
        _ => $"{action} a comment on",
    };

    private static string Verdict(string? state) => state switch
    {
        "approved" => "approved",
        "changes_requested" => "asks for changes of",
        _ => "reviewed",
    };

    private static string Thing(string word, JsonElement? thing) =>
        string.Create(CultureInfo.InvariantCulture, $"{word} #{thing.Number("number")}: {thing.Text("title")}");

    private static string OneLine(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
