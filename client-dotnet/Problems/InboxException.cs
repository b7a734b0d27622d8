using System.Net;

namespace OrleansInbox.Client;

/// <summary>The server did not do what it was asked for. What is worth its own <c>catch</c> has a type of its own below this one.</summary>
public class InboxException : Exception
{
    /// <summary>An empty one.</summary>
    public InboxException() { }

    /// <summary>With a sentence.</summary>
    public InboxException(string message) : base(message) { }

    /// <summary>With a sentence and what led to it.</summary>
    public InboxException(string message, Exception? innerException) : base(message, innerException) { }

    /// <summary>With what the server says.</summary>
    public InboxException(InboxProblem problem, TimeSpan? retryAfter = null, Exception? innerException = null) : base(problem.ToString(), innerException) => (Problem, RetryAfter) = (problem, retryAfter);

    /// <summary>What the server says.</summary>
    public InboxProblem Problem { get; } = new();

    /// <summary>The HTTP status; 0 when there was no answer.</summary>
    public HttpStatusCode Status => Problem.Status;

    /// <summary>What kind of problem it is.</summary>
    public string? Title => Problem.Title;

    /// <summary>A sentence about this one.</summary>
    public string? Detail => Problem.Detail;

    /// <summary>Field → reasons; empty when the problem is not about fields.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Errors => Problem.Errors;

    /// <summary>When the server asks to come back; null when it does not say.</summary>
    public TimeSpan? RetryAfter { get; }
}
