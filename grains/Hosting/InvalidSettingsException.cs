namespace OrleansInbox;

/// <summary>The configuration cannot be used; the message has one line for each violation.</summary>
public sealed class InvalidSettingsException : Exception
{
    public InvalidSettingsException() { }
    public InvalidSettingsException(string message) : base(message) { }
    public InvalidSettingsException(string message, Exception? innerException) : base(message, innerException) { }

    public InvalidSettingsException(IReadOnlyCollection<string> violations)
        : base("The configuration is not valid:\n" + string.Join('\n', violations.Select(violation => "  - " + violation))) { }
}
