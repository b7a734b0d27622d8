using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace OrleansInbox.Client.Http;

/// <summary>Many users as requests of at most 1,000 users and 256 KiB. The same users in the same order give the same requests with the same keys.</summary>
internal static class RecipientBatches
{
    public const int MaxUsers = 1_000;
    private const int _maxBytes = 256 * 1024, _frame = 64;
    private const int _longestKey = 255;

    /// <param name="notificationBytes">Those of the notification as JSON.</param>
    /// <param name="users">Each once.</param>
    /// <exception cref="ArgumentException">One of them comes twice: the second might be in another request, and get the notification again.</exception>
    public static IEnumerable<List<string>> Split(IReadOnlyCollection<string> users, int notificationBytes)
    {
        if (users.Count != users.Distinct(StringComparer.Ordinal).Count()) throw new ArgumentException("Each user may be named once.", nameof(users));
        return Batches();

        IEnumerable<List<string>> Batches()
        {
            List<string> batch = [];
            var bytes = 0;
            foreach (var user in users)
            {
                var size = JsonEncodedText.Encode(user, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).EncodedUtf8Bytes.Length + 3;
                if (batch.Count == MaxUsers || (batch.Count > 0 && bytes + size + notificationBytes + _frame > _maxBytes))
                {
                    yield return batch;
                    (batch, bytes) = ([], 0);
                }
                batch.Add(user);
                bytes += size;
            }
            if (batch.Count > 0) yield return batch;
        }
    }

    /// <summary>The key of the batch with that number, counted from 0.</summary>
    public static string Key(string key, int batch)
    {
        if (batch == 0) return key;
        var derived = $"{key}~{batch}";
        return derived.Length <= _longestKey ? derived : $"{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)))}~{batch}";
    }
}
