using System.Buffers.Text;
using System.Security.Cryptography;

namespace OrleansInbox;

/// <summary>Ids that nobody else draws and nobody can guess.</summary>
public static class RandomId
{
    /// <param name="bytes">Of randomness; a multiple of 3 wastes nothing in base64url.</param>
    public static string New(int bytes)
    {
        Span<byte> random = stackalloc byte[bytes];
        RandomNumberGenerator.Fill(random);
        return Base64Url.EncodeToString(random);
    }
}
