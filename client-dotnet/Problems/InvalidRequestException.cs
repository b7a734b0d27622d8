namespace OrleansInbox.Client;

/// <summary>The request is wrong (400): <see cref="InboxException.Errors"/> says where. Repeating it does not help.</summary>
public sealed class InvalidRequestException : InboxException
{
    /// <summary>An empty one.</summary>
    public InvalidRequestException() { }

    /// <summary>With a sentence.</summary>
    public InvalidRequestException(string message) : base(message) { }

    /// <summary>With a sentence and what led to it.</summary>
    public InvalidRequestException(string message, Exception? innerException) : base(message, innerException) { }

    /// <summary>With what the server says.</summary>
    public InvalidRequestException(InboxProblem problem, TimeSpan? retryAfter = null, Exception? innerException = null) : base(problem, retryAfter, innerException) { }
}
