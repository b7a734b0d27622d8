using OrleansInbox.Ingest;
using StackExchange.Redis;

namespace OrleansInbox.Storage.Redis;

/// <summary>One of the streams that publishers write to: <c>ingest.lua</c>.</summary>
internal sealed class RedisIngest(RedisConnection redis, IngestStream stream, int refusedLength)
{
    private readonly RedisKey[] _keys = [stream.Name, stream.Refused];

    /// <summary>Removes what is done and what is refused, and gives the oldest entries that are left, in their order. Idempotent.</summary>
    /// <param name="finished">What the entries of earlier calls have come to.</param>
    /// <param name="wanted">At most so many; 0: none, the reader ends.</param>
    /// <exception cref="StorageUnavailableException">Call again, with the same.</exception>
    public async Task<(long Length, List<WrittenEntry> Entries)> Next(IngestOutcome finished, int wanted)
    {
        // When Redis is full it has to be done all the same: the stream becomes shorter by it.
        var answer = (RedisResult[])(await redis.WriteWhenFull(RedisScript.Ingest, _keys, Arguments(finished, wanted)))!;
        var entries = new List<WrittenEntry>(answer.Length - 1);
        for (var i = 1; i < answer.Length; i++) entries.Add(EntryOf((RedisResult[])answer[i]!));
        return ((long)answer[0], entries);
    }

    private RedisValue[] Arguments(IngestOutcome finished, int wanted)
    {
        var values = new RedisValue[5 + finished.Done.Count + 2 * finished.Refused.Count]; // [0] is the connection's: not after
        (values[1], values[2], values[3], values[4]) = (wanted, refusedLength, JsonBody.MaxBytes, finished.Done.Count);
        var v = 5;
        foreach (var id in finished.Done) values[v++] = id;
        foreach (var (id, reason) in finished.Refused)
        {
            values[v++] = id;
            values[v++] = reason;
        }
        return values;
    }

    private static WrittenEntry EntryOf(RedisResult[] entry)
    {
        var names = (RedisResult[])entry[1]!;
        var fields = new (string, byte[])[names.Length / 2];
        for (var i = 0; i < fields.Length; i++) fields[i] = ((string)names[2 * i]!, (byte[])names[2 * i + 1]!);
        return new((string)entry[0]!, fields);
    }
}
