namespace OrleansInbox.Webhooks;

/// <summary>Section <c>Webhooks</c> of the configuration: who is told what users do, and do not do. Settings and no API: no user can make the server call anywhere.</summary>
public sealed record WebhookOptions
{
    public const string Unseen = "notification.unseen", Read = "notification.read", Acted = "notification.acted";

    public static readonly IReadOnlyList<string> Known = [Unseen, Read, Acted];

    private const int _maxEndpoints = 16, _minSecret = 24, _maxSecret = 64;
    private const string _secretPrefix = "whsec_";

    public IReadOnlyList<WebhookEndpoint> Endpoints { get; init; } = [];

    /// <summary>An endpoint that takes longer has failed.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>The waits between the attempts, about: ten attempts within three days. Then an event is dropped.</summary>
    public IReadOnlyList<TimeSpan> Pauses { get; init; } =
    [
        TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(30), TimeSpan.FromHours(2),
        TimeSpan.FromHours(6), TimeSpan.FromHours(12), TimeSpan.FromHours(24), TimeSpan.FromHours(27),
    ];

    public static WebhookOptions ReadFrom(SettingsReader settings, TopologyOptions topology)
    {
        var endpoints = new List<WebhookEndpoint>();
        foreach (var section in settings.Members("Webhooks"))
        {
            settings.OnlyKnown(section, "Url", "Secret", "Events", "Tenant");
            var (url, secret) = (settings.Text($"{section}:Url"), settings.Text($"{section}:Secret"));
            var events = settings.Text($"{section}:Events")?.Split(',', StringSplitOptions.TrimEntries) ?? [.. Known];
            if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Scheme is not ("https" or "http") || uri.UserInfo.Length > 0)
            {
                settings.Violation($"{section}:Url has to be an http or https URL without a user.");
                uri = new("http://localhost");
            }
            if (SecretOf(secret) is not { } key)
            {
                settings.Violation($"{section}:Secret has to be {_secretPrefix} and {_minSecret} to {_maxSecret} bytes in base64 (standardwebhooks.com): echo {_secretPrefix}$(openssl rand -base64 32) makes one.");
                key = [];
            }
            if (events.FirstOrDefault(name => !Known.Contains(name)) is { } unknown) settings.Violation($"{section}:Events has '{unknown}'; it knows {string.Join(", ", Known)}.");
            endpoints.Add(new(uri, key, events, settings.Text($"{section}:Tenant")));
        }
        if (endpoints.Count > _maxEndpoints) settings.Violation($"Webhooks has at most {_maxEndpoints} endpoints.");
        if (endpoints.DistinctBy(endpoint => endpoint.Key).Count() < endpoints.Count) settings.Violation("Webhooks has two endpoints with the same Url.");
        if (endpoints.Count > 0 && topology.Role == ClusterRole.Client) settings.Violation("Webhooks are settings of silos, which call the endpoints: a front-end alone (Cluster:Role Client) does not.");
        return new() { Endpoints = endpoints };
    }

    private static byte[]? SecretOf(string? text)
    {
        if (text?.StartsWith(_secretPrefix, StringComparison.Ordinal) is not true) return null;
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text[_secretPrefix.Length..], bytes, out var length) && length is >= _minSecret and <= _maxSecret ? bytes[..length] : null;
    }
}
