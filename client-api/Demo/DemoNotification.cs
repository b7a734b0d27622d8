namespace OrleansInbox.ClientApi.Demo;

/// <summary>The body of a publish, as the contract has it.</summary>
public sealed record DemoNotification(
    string Type, string Title, string? Body, string? Url, DemoActor? Actor, string? Group, string Priority, DemoData Data);

public sealed record DemoActor(string Id, string Name, string? AvatarUrl);

public sealed record DemoData(string Event, string? Action, string? Repository);

/// <summary>A notification and the inbox that it is for.</summary>
/// <param name="IdempotencyKey">One for each delivery and person: the demo can be started again and adds nothing twice.</param>
public sealed record DemoPublish(string User, string IdempotencyKey, DemoNotification Notification);
