namespace OrleansInbox.Client;

/// <summary>An idempotency key came again with another notification (422). Nothing was stored.</summary>
public sealed class KeyReusedException : InboxException
{
    /// <summary>An empty one.</summary>
    public KeyReusedException() { }

    /// <summary>With a sentence.</summary>
    public KeyReusedException(string message) : base(message) { }

    /// <summary>With a sentence and what led to it.</summary>
    public KeyReusedException(string message, Exception? innerException) : base(message, innerException) { }

    /// <summary>With what the server says.</summary>
    public KeyReusedException(InboxProblem problem, TimeSpan? retryAfter = null, Exception? innerException = null) : base(problem, retryAfter, innerException) { }
}
