namespace OrleansInbox.ClientApi;

/// <summary>One of <c>Auth:ApiKeys</c>. Only its hash is configured, so that whoever reads the configuration cannot publish.</summary>
/// <param name="Tenant">The publisher's tenant.</param>
/// <param name="Sha256">SHA-256 of the key, 64 hex digits in lower case.</param>
public sealed record ApiKeyOptions(string Tenant, string Sha256)
{
    /// <returns>Null when it is not valid.</returns>
    public static ApiKeyOptions? Read(SettingsReader settings, string section)
    {
        settings.OnlyKnown(section, nameof(Tenant), nameof(Sha256));
        var tenant = settings.Text(section + ":Tenant") ?? InboxKey.DefaultTenant;
        if (!InboxKey.IsLegal(tenant)) settings.Violation($"{section}:Tenant has to be 1 to {InboxKey.MaxBytes} bytes of UTF-8 without control characters.");
        var hash = settings.Text(section + ":Sha256");
        if (hash is { Length: 64 } && hash.All(char.IsAsciiHexDigit)) return new(tenant, hash.ToLowerInvariant());
        settings.Violation($"{section}:Sha256 has to be the SHA-256 of the key in 64 hex digits (printf %s \"$KEY\" | sha256sum).");
        return null;
    }
}
