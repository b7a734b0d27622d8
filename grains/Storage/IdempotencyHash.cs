using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace OrleansInbox.Storage;

/// <summary>An idempotency key as it is stored: short and of harmless characters, whatever the caller wrote, and the same in both storages.</summary>
internal static class IdempotencyHash
{
    public static byte[] Of(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));

    public static string Text(string key)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(key), hash);
        return Base64Url.EncodeToString(hash);
    }
}
