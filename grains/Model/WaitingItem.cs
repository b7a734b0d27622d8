namespace OrleansInbox;

/// <summary>A notification that waits for its time.</summary>
/// <param name="Id">Of a snoozed notification its own; of a scheduled one <see cref="Waiting.NewId"/>.</param>
/// <param name="DueAt">To the millisecond.</param>
/// <param name="Json">What <see cref="NotificationJson.Render"/> made; of a scheduled one its <c>createdAt</c> is when it was handed over.</param>
public sealed record WaitingItem(string Id, DateTimeOffset DueAt, byte[] Json)
{
    /// <summary>What the publisher said beside the notification; without spaces and line breaks.</summary>
    public string Options { get; init; } = "";

    public bool IsMandatory
    {
        get => Options == Mandatory;
        init => Options = value ? Mandatory : "";
    }

    private const string Mandatory = "mandatory";

    public bool IsSnoozed => char.IsAsciiDigit(Id[0]);
}
