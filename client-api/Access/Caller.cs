namespace OrleansInbox.ClientApi.Access;

/// <summary>Who calls, as proven by the credentials.</summary>
/// <param name="Tenant">A legal id. The caller can reach inboxes of this tenant only.</param>
/// <param name="User">The token's <c>sub</c>; null for an API key.</param>
/// <param name="IsPublisher">May publish to and manage every inbox of its tenant.</param>
/// <param name="RateKey">Requests with the same key share one rate limit.</param>
/// <param name="Until">When the token is refused from; null for an API key. What is open then ends.</param>
public sealed record Caller(string Tenant, string? User, bool IsPublisher, string RateKey, DateTimeOffset? Until = null);
