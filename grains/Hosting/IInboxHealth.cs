namespace OrleansInbox;

/// <summary>Whether this process can serve inboxes now.</summary>
public interface IInboxHealth
{
    /// <summary>True when storage answers. Asked often it answers from what it saw within the last second.</summary>
    Task<bool> Ready(CancellationToken cancellation);
}
