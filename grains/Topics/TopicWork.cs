using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;

namespace OrleansInbox.Topics;

/// <summary>What a job does in the inbox of each subscriber, as it is stored.</summary>
public sealed record TopicWork
{
    /// <summary>Another one for each job: inboxes know by it what they have. A job's number may come again, when storage loses its end.</summary>
    public required string Nonce { get; init; }

    /// <summary>To be published; null: nothing is.</summary>
    public NewNotification? Publish { get; init; }

    /// <summary>The collapse key to be retracted, also of those who have left; null: none is.</summary>
    public string? Retract { get; init; }

    /// <summary>Users who are left out.</summary>
    public string[] Except { get; init; } = [];

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this);

    public static TopicWork Parse(ReadOnlySpan<byte> json) => JsonSerializer.Deserialize<TopicWork>(json)!;

    /// <summary>Of all that the publisher says: kept beside an idempotency key.</summary>
    public string Fingerprint()
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData((this with { Nonce = "", Publish = Publish is null ? null : Publish with { TraceParent = null, IdempotencyKey = null, KeyIsForRetries = false } }).ToJson(), hash);
        return Base64Url.EncodeToString(hash[..16]);
    }
}
