namespace OrleansInbox.Client;

/// <summary>A scheduled notification has come, and cannot be cancelled any more (409).</summary>
public sealed class AlreadyDeliveredException : InboxException
{
    /// <summary>An empty one.</summary>
    public AlreadyDeliveredException() { }

    /// <summary>With a sentence.</summary>
    public AlreadyDeliveredException(string message) : base(message) { }

    /// <summary>With a sentence and what led to it.</summary>
    public AlreadyDeliveredException(string message, Exception? innerException) : base(message, innerException) { }

    /// <summary>With what the server says.</summary>
    public AlreadyDeliveredException(InboxProblem problem, string? id) : base(problem) => Id = id;

    /// <summary>Where it is in the inbox; null when it is too long ago.</summary>
    public string? Id { get; }
}
