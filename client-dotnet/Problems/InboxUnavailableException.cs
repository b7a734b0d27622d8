namespace OrleansInbox.Client;

/// <summary>The server could not be reached or did not take the request in time (408, 429, 5xx, no answer), with all retries. It may have been done: the same call with the same idempotency key is safe.</summary>
public sealed class InboxUnavailableException : InboxException
{
    /// <summary>An empty one.</summary>
    public InboxUnavailableException() { }

    /// <summary>With a sentence.</summary>
    public InboxUnavailableException(string message) : base(message) { }

    /// <summary>With a sentence and what led to it.</summary>
    public InboxUnavailableException(string message, Exception? innerException) : base(message, innerException) { }

    /// <summary>With what the server says.</summary>
    public InboxUnavailableException(InboxProblem problem, TimeSpan? retryAfter = null, Exception? innerException = null) : base(problem, retryAfter, innerException) { }
}
