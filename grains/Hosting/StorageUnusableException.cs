namespace OrleansInbox;

/// <summary>Storage cannot be used, and waiting does not help: the message is one sentence for the operator, and the process ends.</summary>
public sealed class StorageUnusableException : Exception
{
    public StorageUnusableException() { }
    public StorageUnusableException(string message) : base(message) { }
    public StorageUnusableException(string message, Exception? innerException) : base(message, innerException) { }
}
