namespace OrleansInbox.ClientApi.Access;

/// <summary>A token cannot be judged, because its issuer does not answer and its key is not known. The caller is not at fault.</summary>
public sealed class AuthorityUnavailableException : Exception
{
    public AuthorityUnavailableException() : base("The issuer of tokens does not answer.") { }
    public AuthorityUnavailableException(string message) : base(message) { }
    public AuthorityUnavailableException(string message, Exception? innerException) : base(message, innerException) { }
}
