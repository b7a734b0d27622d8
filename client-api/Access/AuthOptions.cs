using OrleansInbox.ClientApi.Access;

namespace OrleansInbox.ClientApi;

/// <summary>Section <c>Auth</c>: whose credentials count. At least one of the three kinds is needed outside Development.</summary>
public sealed record AuthOptions
{
    /// <summary>Base64 of at least 32 bytes: bearer JWTs are signed with it by HS256. Not together with <see cref="Authority"/>.</summary>
    public string? SigningKey { get; init; }

    /// <summary>An OpenID Connect issuer (https, or http on loopback): bearer JWTs are signed by the keys that it publishes.</summary>
    public string? Authority { get; init; }

    /// <summary>What a token's <c>aud</c> has to hold. Required with <see cref="Authority"/>.</summary>
    public string? Audience { get; init; }

    public IReadOnlyList<ApiKeyOptions> ApiKeys { get; init; } = [];

    public bool IsEmpty => SigningKey is null && Authority is null && ApiKeys.Count == 0;

    /// <summary>Never the key.</summary>
    public override string ToString() =>
        $"AuthOptions {{ SigningKey = {(SigningKey is null ? "none" : "[redacted]")}, Authority = {Authority}, Audience = {Audience}, ApiKeys = {ApiKeys.Count} }}";
}

/// <param name="Tenant">The publisher's tenant.</param>
/// <param name="Sha256">SHA-256 of the key, 64 hex digits.</param>
public sealed record ApiKeyOptions(string Tenant, string Sha256);
