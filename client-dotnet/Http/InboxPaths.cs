namespace OrleansInbox.Client.Http;

/// <summary>The paths of the API, percent-encoded.</summary>
internal static class InboxPaths
{
    public const string Batch = "v1/notifications";
    public const string Announcements = "v1/announcements";

    public static string User(string user) => $"v1/users/{Segment(user, nameof(user))}";

    public static string Topic(string topic) => $"v1/topics/{Segment(topic, nameof(topic))}";

    public static string Job(string job) => $"v1/jobs/{Segment(job, nameof(job))}";

    public static string Announcement(string id) => $"{Announcements}/{Segment(id, nameof(id))}";

    /// <summary>Without these checks a path would lead elsewhere: URLs drop dots.</summary>
    public static string Segment(string value, string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(value, name);
        return value is "." or ".." ? throw new ArgumentException($"'{value}' cannot be named in a URL.", name) : Uri.EscapeDataString(value);
    }
}
