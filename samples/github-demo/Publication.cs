namespace OrleansInbox.Samples.GithubDemo;

/// <summary>The body of a publish, as the contract has it.</summary>
public sealed record Notification(
    string Type, string Title, string? Body, string? Url, Actor? Actor, string? Group, string Priority, NotificationData Data);

public sealed record Actor(string Id, string Name, string? AvatarUrl);

public sealed record NotificationData(string Event, string? Action, string? Repository);

/// <summary>A notification and the inbox that it is for.</summary>
/// <param name="User">Whose inbox.</param>
/// <param name="IdempotencyKey">One for each delivery and person: a repeated run adds nothing.</param>
/// <param name="Notification">What is published.</param>
public sealed record Publication(string User, string IdempotencyKey, Notification Notification);
