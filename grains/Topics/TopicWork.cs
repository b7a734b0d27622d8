using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using OrleansInbox.Storage;

namespace OrleansInbox.Topics;

/// <summary>What a job does in the inbox of each subscriber, as it is stored.</summary>
public sealed record TopicWork
{
    /// <summary>Inboxes know by it what they have. A job's number may come again, when storage loses its end; and a publish that is repeated, because the master that had its job died before
    /// a replica had it, is another job of the same nonce: some inboxes may have it already.</summary>
    public string Nonce { get; init; } = "";

    /// <summary>To be published; null: nothing is.</summary>
    public NewNotification? Publish { get; init; }

    /// <summary>The collapse key to be retracted, also of those who have left; null: none is.</summary>
    public string? Retract { get; init; }

    /// <summary>Users who are left out.</summary>
    public string[] Except { get; init; } = [];

    /// <param name="topic">The topic's key.</param>
    /// <param name="idempotencyKey">Null: nobody repeats it.</param>
    public TopicWork Named(string topic, string? idempotencyKey) =>
        this with { Nonce = idempotencyKey is null ? RandomId.New(bytes: 12) : IdempotencyHash.Text($"{topic} {idempotencyKey} {Fingerprint()}") };

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
