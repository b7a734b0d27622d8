namespace OrleansInbox;

/// <summary>Something that waits in an inbox for its time.</summary>
/// <param name="Id">Of a snoozed notification its own; of all else <see cref="Waiting.NewId"/>.</param>
/// <param name="DueAt">To the millisecond.</param>
/// <param name="Json">Of a notification what <see cref="NotificationJson.Render"/> made (of a scheduled one <c>createdAt</c> is when it was handed over); of a check the id that
/// it is about, as a JSON string; of an event <see cref="Webhooks.WebhookEvent"/>.</param>
public sealed record WaitingItem(string Id, DateTimeOffset DueAt, byte[] Json)
{
    /// <summary>Without spaces and line breaks. Of a scheduled one <see cref="PublishOptions"/>; of a check <c>seen</c>, <c>read</c> or the action; of an event how often it was tried.</summary>
    public string Options { get; init; } = "";

    public WaitingKind Kind => Waiting.KindOf(Id);
}
