namespace OrleansInbox.Backups;

/// <summary>A backup cannot be written, read or restored: the message is one sentence for the operator.</summary>
public sealed class BackupException : Exception
{
    public BackupException() { }
    public BackupException(string message) : base(message) { }
    public BackupException(string message, Exception? innerException) : base(message, innerException) { }
}
