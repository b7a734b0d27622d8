namespace OrleansInbox.Samples.GithubDemo;

internal enum ExitCode
{
    Done = 0,
    SomeRefused = 1,
    WrongArguments = 2,
    NoServer = 3,
    KeyRefused = 4,
    Interrupted = 130,
}

/// <summary>Ends the program with a sentence instead of a stack trace.</summary>
internal sealed class DemoException(ExitCode exitCode, string message) : Exception(message)
{
    public ExitCode ExitCode { get; } = exitCode;
}
