using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace OrleansInbox.ClientApi.Access;

/// <summary>
/// Validates bearer JWTs: HS256 by <c>Auth:SigningKey</c>, or asymmetric algorithms by the keys that <c>Auth:Authority</c> publishes. The algorithms are
/// pinned by the kind of key (RFC 8725 §3.1), so that a public key never serves as an HMAC secret and <c>none</c> never passes.
/// </summary>
public sealed partial class Tokens : IDisposable
{
    public const string PublishScope = "notifications:publish";
    private static readonly TimeSpan _clockSkew = TimeSpan.FromSeconds(10);
    private static readonly string[] _symmetric = [SecurityAlgorithms.HmacSha256];
    private static readonly string[] _asymmetric =
    [
        SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSha384, SecurityAlgorithms.RsaSha512,
        SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.EcdsaSha384, SecurityAlgorithms.EcdsaSha512,
        SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.RsaSsaPssSha384, SecurityAlgorithms.RsaSsaPssSha512,
    ];

    private readonly JsonWebTokenHandler _handler = new() { MapInboundClaims = false };
    private readonly TokenValidationParameters? _parameters;
    private readonly AuthorityKeys? _authority;
    private readonly TokenCache _validated;
    private readonly TimeProvider _time;
    private readonly ILogger _log;

    public Tokens(AuthOptions options, TimeProvider time, ILogger<Tokens> log)
    {
        (_time, _log, _validated) = (time, log, new(time));
        _parameters = options switch
        {
            { SigningKey: { } key } => new() { ValidAlgorithms = _symmetric, IssuerSigningKey = new SymmetricSecurityKey(Convert.FromBase64String(key)), ValidateIssuer = false },
            { Authority: { } authority } => new() { ValidAlgorithms = _asymmetric, ConfigurationManager = _authority = new(authority, time, log) },
            _ => null,
        };
        if (_parameters is null) return;
        _parameters.ValidAudience = options.Audience;
        _parameters.ValidateAudience = options.Audience is not null;
        _parameters.LifetimeValidator = IsAlive;
        _parameters.RequireSignedTokens = true;
        _parameters.RequireExpirationTime = true;
        _parameters.LogValidationExceptions = false;
    }

    /// <exception cref="AuthorityUnavailableException">Nobody can say yet whether the token is good.</exception>
    public ValueTask<AuthenticationOutcome> Identify(string token) =>
        _validated.TryGet(token, out var caller) ? new(new AuthenticationOutcome(caller)) : Validate(token);

    public void Dispose() => _authority?.Dispose();

    private async ValueTask<AuthenticationOutcome> Validate(string token)
    {
        if (_parameters is null) return new(null, "Bearer tokens are not accepted here.");
        if (!_handler.CanReadToken(token)) return new(null, "The token is not valid.");
        var keys = _authority is null ? null : await _authority.EnsureKnown();
        var result = await _handler.ValidateTokenAsync(token, _parameters);
        if (result.Exception is SecurityTokenSignatureKeyNotFoundException && keys is not null && await _authority!.Renew(keys))
            result = await _handler.ValidateTokenAsync(token, _parameters);
        if (!result.IsValid) return new(null, Reason(result.Exception));

        var jwt = (JsonWebToken)result.SecurityToken;
        AuthenticationOutcome identity;
        try
        {
            identity = Read(jwt);
        }
        catch (JsonException) // the handler reads the first object and passes over what follows
        {
            return new(null, "The token's header and claims are not one JSON object each.");
        }
        if (identity.Caller is { } caller) _validated.Add(token, caller, caller.Until!.Value);
        return identity;
    }

    private static AuthenticationOutcome Read(JsonWebToken jwt)
    {
        using (var header = JsonDocument.Parse(Base64UrlEncoder.DecodeBytes(jwt.EncodedHeader)))
            if (header.RootElement.TryGetProperty("crit", out _)) return new(null, "The token has critical extensions, and none is known here."); // RFC 7515 §4.1.11
        using var payload = JsonDocument.Parse(Base64UrlEncoder.DecodeBytes(jwt.EncodedPayload));
        var claims = payload.RootElement;
        var publisher = MayPublish(claims);
        var user = Text(claims, "sub");
        var tenant = Text(claims, "tenant") ?? InboxKey.DefaultTenant;
        if (!InboxKey.IsLegal(tenant)) return new(null, "The token's tenant is not a legal id.");
        if (user is null && !publisher) return new(null, "The token has no sub.");
        if (user is not null && !InboxKey.IsLegalUser(user)) return new(null, "The token's sub is not a legal user id: 1 to 128 bytes without control characters, and not one of me, . and ..");
        return new(new Caller(tenant, user, publisher, $"{(publisher ? "publisher" : "user")} {InboxKey.Of(tenant, user ?? "")}", Until(jwt)));
    }

    private static DateTimeOffset Until(JsonWebToken jwt) =>
        jwt.ValidTo < DateTime.MaxValue - _clockSkew ? new(jwt.ValidTo + _clockSkew, TimeSpan.Zero) : DateTimeOffset.MaxValue;

    /// <summary>Null when the claim is missing; empty, which is no legal id, when it is not a string.</summary>
    private static string? Text(JsonElement claims, string name) =>
        !claims.TryGetProperty(name, out var claim) ? null : claim.ValueKind == JsonValueKind.String ? claim.GetString() : "";

    /// <summary>In <c>scope</c>, separated by spaces (RFC 9068), or in <c>scp</c>, which some issuers write as a string and others as an array.</summary>
    private static bool MayPublish(JsonElement claims)
    {
        foreach (var name in (ReadOnlySpan<string>)["scope", "scp"])
        {
            if (!claims.TryGetProperty(name, out var scopes)) continue;
            if (scopes.ValueKind == JsonValueKind.String && scopes.GetString()!.Split(' ').Contains(PublishScope)) return true;
            if (scopes.ValueKind == JsonValueKind.Array && scopes.EnumerateArray().Any(scope => scope.ValueKind == JsonValueKind.String && scope.ValueEquals(PublishScope)))
                return true;
        }
        return false;
    }

    private bool IsAlive(DateTime? notBefore, DateTime? expires, SecurityToken token, TokenValidationParameters parameters)
    {
        var now = _time.GetUtcNow().UtcDateTime;
        if (expires is null) throw new SecurityTokenNoExpirationException();
        if (expires.Value <= now - _clockSkew) throw new SecurityTokenExpiredException();
        return notBefore is null || notBefore.Value <= now + _clockSkew;
    }

    private string Reason(Exception? failure)
    {
        switch (failure)
        {
            case SecurityTokenExpiredException: return "The token has expired.";
            case SecurityTokenInvalidAudienceException: return "The token is meant for another audience.";
            case SecurityTokenInvalidIssuerException: return "The token comes from another issuer.";
            case SecurityTokenInvalidLifetimeException or SecurityTokenNotYetValidException: return "The token is not valid yet.";
            case SecurityTokenNoExpirationException: return "The token has no exp.";
            case SecurityTokenException or ArgumentException: return "The token is not valid.";
        }
        LogNotValidated(_log, failure);
        return "The token could not be validated.";
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A token could not be validated")]
    private static partial void LogNotValidated(ILogger log, Exception? failure);
}
