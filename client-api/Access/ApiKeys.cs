using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

namespace OrleansInbox.ClientApi.Access;

/// <summary>The configured API keys, as their SHA-256. The time of a refusal tells nothing of the key that was meant.</summary>
public sealed class ApiKeys
{
    /// <summary>In characters. A longer key is refused without hashing it.</summary>
    private const int MaxLength = 256;

    private readonly byte[][] _hashes;
    private readonly Caller[] _callers;

    /// <summary>Keys that were shown and are known, as tokens are remembered too: hashing is 2 % of a publish.</summary>
    private readonly ConcurrentDictionary<string, Caller> _shown = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Caller>.AlternateLookup<ReadOnlySpan<char>> _shownBySpan;

    public ApiKeys(IReadOnlyList<ApiKeyOptions> keys)
    {
        _hashes = [.. keys.Select(key => Convert.FromHexString(key.Sha256))];
        _shownBySpan = _shown.GetAlternateLookup<ReadOnlySpan<char>>();
        _callers = [.. keys.Select(key => new Caller(key.Tenant, User: null, IsPublisher: true, RateKey: "key " + key.Sha256))];
    }

    public AuthenticationOutcome Identify(ReadOnlySpan<char> key)
    {
        if (_shownBySpan.TryGetValue(key, out var shown)) return new(shown);
        if (key.Length is 0 or > MaxLength) return new(null, "The API key is not known.");
        Span<byte> text = stackalloc byte[MaxLength * 3];
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(text[..Encoding.UTF8.GetBytes(key, text)], hash);

        Caller? found = null;
        for (var i = 0; i < _hashes.Length; i++) // no early exit: the time must not tell which key matched
            if (CryptographicOperations.FixedTimeEquals(hash, _hashes[i])) found = _callers[i];
        if (found is null) return new(null, "The API key is not known.");
        _shownBySpan[key] = found;
        return new(found);
    }
}
