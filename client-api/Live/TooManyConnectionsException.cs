namespace OrleansInbox.ClientApi.Live;

/// <summary>The user has as many live connections and long polls as are allowed: 429, come back later.</summary>
public sealed class TooManyConnectionsException : Exception
{
    public TooManyConnectionsException() : this("The user has too many live connections.") { }
    public TooManyConnectionsException(string message) : base(message) { }
    public TooManyConnectionsException(string message, Exception? innerException) : base(message, innerException) { }
}
