using System.Text.RegularExpressions;

namespace OrleansInbox.Ingest;

/// <summary>
/// A Redis Stream that publishers write to: <c>inbox-in:{tenant}:name</c>, the tenant percent-encoded where it has braces. The braces are a hash tag: on a Redis Cluster
/// the stream and what is refused of it are in one slot.
/// </summary>
internal sealed partial record IngestStream(string Name, string Tenant)
{
    public const string Form = "inbox-in:{tenant}:name, with a tenant's id between the braces and a name of 1 to 32 letters, digits, '.', '_' and '-'";

    /// <summary>With an entry's id it is an idempotency key.</summary>
    private const int MaxLength = 200;

    /// <summary>Where that goes which is refused, with the reason.</summary>
    public string Refused => Name + ":refused";

    /// <returns>Null: that is no name of such a stream.</returns>
    public static IngestStream? Parse(string name) =>
        name.Length <= MaxLength && Shape().Match(name) is { Success: true } match && Uri.UnescapeDataString(match.Groups[1].Value) is var tenant && InboxKey.IsLegal(tenant)
            ? new(name, tenant)
            : null;

    /// <summary>For an entry that has none of its own: given to the reader again, it adds nothing.</summary>
    public string KeyOf(string entry) => $"{Name}/{entry}";

    [GeneratedRegex(@"\Ainbox-in:\{([^{}]+)\}:[A-Za-z0-9._-]{1,32}\z")]
    private static partial Regex Shape();
}
