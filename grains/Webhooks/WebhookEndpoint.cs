using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace OrleansInbox.Webhooks;

/// <summary>Who is told.</summary>
/// <param name="Url">http or https.</param>
/// <param name="Secret">Signs what is sent; it is in no log.</param>
/// <param name="Events">Of <see cref="WebhookOptions.Known"/>.</param>
/// <param name="Tenant">Of these users alone; null: of all.</param>
public sealed record WebhookEndpoint(Uri Url, ReadOnlyMemory<byte> Secret, IReadOnlyList<string> Events, string? Tenant)
{
    /// <summary>Names it in storage, also after the settings were put in another order.</summary>
    public string Key { get; } = Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(Url.AbsoluteUri)).AsSpan(0, 6));

    /// <summary>Of <see cref="Key"/>.</summary>
    public const int KeyLength = 8;

    public bool Wants(string name, string tenant) => Events.Contains(name) && (Tenant is null || Tenant == tenant);

    public override string ToString() => Url.GetLeftPart(UriPartial.Path);
}
