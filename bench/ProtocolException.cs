namespace OrleansInbox.Bench;

/// <summary>The server answered something that is not HTTP/1.1 as this tool reads it, or not what was asked for; the message is short, errors are counted by it.</summary>
internal sealed class ProtocolException(string message) : Exception(message);
