using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace OrleansInbox.Client;

/// <summary>Where the server is, and how patient the client is with it.</summary>
public sealed class InboxClientOptions
{
    /// <summary>Of the server, as in <c>https://inbox.example.org</c>; a path belongs to it.</summary>
    public Uri? BaseAddress { get; set; }

    /// <summary>The publisher's key; or <see cref="Token"/>.</summary>
    public string? ApiKey { get; set; }

    /// <summary>Gives a JWT with the scope <c>notifications:publish</c>; asked at each request, so it should keep one until shortly before its end.</summary>
    public Func<CancellationToken, ValueTask<string>>? Token { get; set; }

    /// <summary>How long a call may take with all of its retries (1 second to 1 day); then <see cref="InboxUnavailableException"/>. By default a minute.</summary>
    public TimeSpan TotalTimeout { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How long one request may take before it is repeated (1 second to 10 minutes). By default 10 seconds; the server answers within 5.</summary>
    public TimeSpan AttemptTimeout { get; set; } = TimeSpan.FromSeconds(10);

    private static readonly string[] _settings = [nameof(BaseAddress), nameof(ApiKey), nameof(TotalTimeout), nameof(AttemptTimeout)];

    /// <summary>What could not be read from the configuration.</summary>
    internal List<string> Unreadable { get; } = [];

    internal void Read(IConfiguration configuration)
    {
        if (Text(nameof(BaseAddress)) is { } address) BaseAddress = Uri.TryCreate(address, UriKind.Absolute, out var uri) ? uri : Refuse<Uri?>($"{nameof(BaseAddress)} is not a URL.", null);
        ApiKey = Text(nameof(ApiKey)) ?? ApiKey;
        TotalTimeout = Time(nameof(TotalTimeout), TotalTimeout);
        AttemptTimeout = Time(nameof(AttemptTimeout), AttemptTimeout);
        foreach (var member in configuration.GetChildren())
            if (!_settings.Contains(member.Key, StringComparer.OrdinalIgnoreCase)) Unreadable.Add($"{member.Path} is not a setting; there are {string.Join(", ", _settings)}.");

        string? Text(string name) => configuration[name] is { } text && !string.IsNullOrWhiteSpace(text) ? text.Trim() : null;

        TimeSpan Time(string name, TimeSpan otherwise) =>
            Text(name) is not { } text ? otherwise
            : TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var time) ? time
            : Refuse($"{name} is not a time, written [d.]hh:mm:ss.", otherwise);

        T Refuse<T>(string reason, T otherwise)
        {
            Unreadable.Add(reason);
            return otherwise;
        }
    }
}
