namespace OrleansInbox.Topics;

/// <summary>A publish to a topic.</summary>
/// <param name="Notification">For each subscriber.</param>
/// <param name="Except">But these.</param>
public sealed record TopicPublish(NewNotification Notification, string[] Except);
