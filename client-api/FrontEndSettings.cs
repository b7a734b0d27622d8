using OrleansInbox.ClientApi.Access;
using OrleansInbox.ClientApi.Dashboard;
using OrleansInbox.ClientApi.Live;

namespace OrleansInbox.ClientApi;

/// <summary>Everything that the front-end is told by its configuration; what a setting means stands with its record.</summary>
public sealed record FrontEndSettings(AuthOptions Auth, InboxOptions Inbox, TopologyOptions Topology, LiveOptions Live, RateLimitOptions RateLimit, IReadOnlyList<string> CorsOrigins)
{
    private const int MinSigningKeyBytes = 32;

    /// <summary>Orleans' dashboard at <c>/dashboard</c>.</summary>
    public bool Dashboard { get; init; }

    /// <exception cref="InvalidSettingsException">With everything that is wrong.</exception>
    public static FrontEndSettings Read(IConfiguration configuration, bool development)
    {
        var settings = new SettingsReader(configuration);
        var topology = TopologyOptions.Read(settings);
        var read = new FrontEndSettings(ReadAuth(settings, configuration), InboxSettings.Read(settings), topology, LiveOptions.Read(settings, topology.Role), ReadRateLimit(settings), Origins(settings, configuration));
        read = read with { Dashboard = DashboardHosting.Read(settings, topology.Role, development) };
        if (read.Auth.IsEmpty && !development && !configuration.GetSection("Auth").GetChildren().Any())
            settings.Violation("Nobody could call: set Auth:ApiKeys:0:Sha256 for a publisher, and Auth:SigningKey or Auth:Authority with Auth:Audience for users. (Only in Development credentials are made up.)");
        return settings.Violations.Count == 0 ? read : throw new InvalidSettingsException(settings.Violations);
    }

    private static AuthOptions ReadAuth(SettingsReader settings, IConfiguration configuration)
    {
        settings.OnlyKnown("Auth", "SigningKey", "Authority", "Audience", "ApiKeys");
        var auth = new AuthOptions
        {
            SigningKey = settings.Text("Auth:SigningKey"),
            Authority = settings.Text("Auth:Authority"),
            Audience = settings.Text("Auth:Audience"),
            ApiKeys = [.. configuration.GetSection("Auth:ApiKeys").GetChildren().Select(key => ApiKey(settings, key.Path)).OfType<ApiKeyOptions>()],
        };
        if (auth.SigningKey is { } signingKey && !IsKey(signingKey))
            settings.Violation($"Auth:SigningKey has to be base64 of at least {MinSigningKeyBytes} bytes (openssl rand -base64 32).");
        if (auth.SigningKey is not null && auth.Authority is not null)
            settings.Violation("Auth:SigningKey and Auth:Authority exclude each other: say which of the two signs the tokens.");
        if (auth.Authority is { } authority && !IsAuthority(authority))
            settings.Violation("Auth:Authority has to be an https URL (http on loopback only).");
        if (auth.Authority is not null && auth.Audience is null)
            settings.Violation("Auth:Audience is required with Auth:Authority: tokens of that issuer that are meant for others must not pass.");
        return auth;
    }

    private static ApiKeyOptions? ApiKey(SettingsReader settings, string path)
    {
        settings.OnlyKnown(path, "Tenant", "Sha256");
        var tenant = settings.Text(path + ":Tenant") ?? InboxKey.DefaultTenant;
        if (!InboxKey.IsLegal(tenant)) settings.Violation($"{path}:Tenant has to be 1 to {InboxKey.MaxBytes} bytes of UTF-8 without control characters.");
        var hash = settings.Text(path + ":Sha256");
        if (hash is { Length: 64 } && hash.All(char.IsAsciiHexDigit)) return new(tenant, hash.ToLowerInvariant());
        settings.Violation($"{path}:Sha256 has to be the SHA-256 of the key in 64 hex digits (printf %s \"$KEY\" | sha256sum).");
        return null;
    }

    private static RateLimitOptions ReadRateLimit(SettingsReader settings)
    {
        settings.OnlyKnown("RateLimit", "PublisherPerSecond", "PublisherBurst", "UserPerSecond", "UserBurst");
        int Rate(string name) => settings.Number("RateLimit:" + name, 0, 0, 1_000_000);
        return new()
        {
            PublisherPerSecond = Rate("PublisherPerSecond"),
            PublisherBurst = Rate("PublisherBurst"),
            UserPerSecond = Rate("UserPerSecond"),
            UserBurst = Rate("UserBurst"),
        };
    }

    private static List<string> Origins(SettingsReader settings, IConfiguration configuration)
    {
        settings.OnlyKnown("Cors", "Origins");
        var origins = new List<string>();
        foreach (var child in configuration.GetSection("Cors:Origins").GetChildren())
        {
            var isOrigin = Uri.TryCreate(child.Value, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
                && uri.GetLeftPart(UriPartial.Authority).Equals(child.Value, StringComparison.OrdinalIgnoreCase);
            if (isOrigin) origins.Add(child.Value!);
            else settings.Violation($"{child.Path} has to be an origin like https://app.example.org, without a path.");
        }
        return origins;
    }

    private static bool IsKey(string text)
    {
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out var count) && count >= MinSigningKeyBytes;
    }

    private static bool IsAuthority(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && (uri.Scheme == "https" || (uri.Scheme == "http" && uri.IsLoopback));
}
