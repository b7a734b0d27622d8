namespace OrleansInbox.ClientApi.Access;

/// <summary>Who calls, as its credentials prove.</summary>
/// <param name="Tenant">A legal id; whatever the caller does stays inside of it.</param>
/// <param name="User">The token's <c>sub</c>; null for an API key.</param>
/// <param name="IsPublisher">May publish to and manage every inbox of its tenant.</param>
/// <param name="RateKey">Whom its requests count for.</param>
public sealed record Caller(string Tenant, string? User, bool IsPublisher, string RateKey);
