namespace OrleansInbox.ClientApi;

/// <summary>Section <c>Auth</c>: whose credentials are accepted. Outside Development at least one of the three kinds is needed.</summary>
public sealed record AuthOptions
{
    private const int MinSigningKeyBytes = 32;

    /// <summary>Base64 of at least 32 bytes: bearer JWTs are signed with it by HS256. Not together with <see cref="Authority"/>.</summary>
    public string? SigningKey { get; init; }

    /// <summary>An OpenID Connect issuer (https, or http on loopback): bearer JWTs are signed by the keys that it publishes.</summary>
    public string? Authority { get; init; }

    /// <summary>What a token's <c>aud</c> has to hold. Required with <see cref="Authority"/>.</summary>
    public string? Audience { get; init; }

    public IReadOnlyList<ApiKeyOptions> ApiKeys { get; init; } = [];

    public bool IsEmpty => SigningKey is null && Authority is null && ApiKeys.Count == 0;

    public static AuthOptions Read(SettingsReader settings, bool development)
    {
        settings.OnlyKnown("Auth", nameof(SigningKey), nameof(Authority), nameof(Audience), nameof(ApiKeys));
        var auth = new AuthOptions
        {
            SigningKey = settings.Text("Auth:SigningKey"),
            Authority = settings.Text("Auth:Authority"),
            Audience = settings.Text("Auth:Audience"),
            ApiKeys = [.. settings.Members("Auth:ApiKeys").Select(section => ApiKeyOptions.Read(settings, section)).OfType<ApiKeyOptions>()],
        };
        if (auth.SigningKey is { } signingKey && !IsKey(signingKey))
            settings.Violation($"Auth:SigningKey has to be base64 of at least {MinSigningKeyBytes} bytes (openssl rand -base64 32).");
        if (auth.SigningKey is not null && auth.Authority is not null)
            settings.Violation("Auth:SigningKey and Auth:Authority exclude each other: say which of the two signs the tokens.");
        if (auth.Authority is { } authority && !IsAuthority(authority))
            settings.Violation("Auth:Authority has to be an https URL (http on loopback only).");
        if (auth.Authority is not null && auth.Audience is null)
            settings.Violation("Auth:Audience is required with Auth:Authority: tokens of that issuer that are meant for others must not pass.");
        if (!development && !settings.Members("Auth").Any())
            settings.Violation("Nobody could call: set Auth:ApiKeys:0:Sha256 for a publisher, and Auth:SigningKey or Auth:Authority with Auth:Audience for users. (Only in Development credentials are made up.)");
        return auth;
    }

    /// <summary>Without the key: settings are logged.</summary>
    public override string ToString() =>
        $"AuthOptions {{ SigningKey = {(SigningKey is null ? "none" : "[redacted]")}, Authority = {Authority}, Audience = {Audience}, ApiKeys = {ApiKeys.Count} }}";

    private static bool IsKey(string text)
    {
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out var count) && count >= MinSigningKeyBytes;
    }

    private static bool IsAuthority(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && (uri.Scheme == "https" || (uri.Scheme == "http" && uri.IsLoopback));
}
