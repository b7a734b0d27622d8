namespace OrleansInbox.ClientApi;

/// <summary>Section <c>Cors</c>: the other origins whose pages may call the inboxes.</summary>
public sealed record CorsOptions
{
    /// <summary>Scheme, host and port, without a path.</summary>
    public IReadOnlyList<string> Origins { get; init; } = [];

    public static CorsOptions Read(SettingsReader settings)
    {
        settings.OnlyKnown("Cors", nameof(Origins));
        return new() { Origins = [.. settings.Members("Cors:Origins").Select(name => Origin(settings, name)).OfType<string>()] };
    }

    private static string? Origin(SettingsReader settings, string name)
    {
        var text = settings.Text(name);
        var isOrigin = Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
            && uri.GetLeftPart(UriPartial.Authority).Equals(text, StringComparison.OrdinalIgnoreCase);
        if (isOrigin) return text;
        settings.Violation($"{name} has to be an origin like https://app.example.org, without a path.");
        return null;
    }
}
