namespace OrleansInbox.ClientApi.Access;

/// <summary>The caller that the credentials prove, or why they prove none.</summary>
/// <param name="Caller">Null when the caller is not authenticated.</param>
/// <param name="Refusal">What is wrong with the credentials, in words for the answer, without the credentials; null when the request has none.</param>
public readonly record struct AuthenticationOutcome(Caller? Caller, string? Refusal = null);
