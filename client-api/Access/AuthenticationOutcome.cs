using OrleansInbox.ClientApi.Endpoints;
using OrleansInbox.ClientApi.Live;

namespace OrleansInbox.ClientApi.Access;

/// <summary>A caller, or why there is none.</summary>
/// <param name="Caller">Null when nobody was proven.</param>
/// <param name="Refusal">What is wrong with the credentials, for the answer; null when there are none. Never holds the credentials.</param>
public readonly record struct AuthenticationOutcome(Caller? Caller, string? Refusal = null);
