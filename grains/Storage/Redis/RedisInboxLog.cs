using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace OrleansInbox.Storage.Redis;

/// <summary>
/// One Redis Stream per inbox, its entries' ids are <c>&lt;epoch&gt;-&lt;seq&gt;</c>: Redis refuses an id that is not above the last one, and that is the fence.
/// All keys of an inbox share the hash tag <c>{key}</c>. What an append needs is one script, so it is atomic and one round trip.
/// </summary>
/// <remarks>Uncertain writes: see <see cref="RedisConnection.Write"/>. Durable means what Redis' <c>appendfsync</c> says.</remarks>
public sealed class RedisInboxLog : IInboxLog, IAsyncDisposable
{
    private const ulong Erased = ulong.MaxValue;
    private readonly RedisConnection _redis;

    /// <summary>A log that nobody appends to goes as a whole, well after its entries have aged out.</summary>
    private readonly long _lifetime;

    /// <param name="configuration"><c>host:port[,options]</c> of StackExchange.Redis.</param>
    public RedisInboxLog(string configuration, InboxOptions options, TimeProvider time, ILogger<RedisInboxLog> logger)
    {
        _redis = new(configuration, options.StorageTimeout, time, logger);
        _lifetime = (long)(options.Retention.MaxAge + TimeSpan.FromDays(2)).TotalMilliseconds;
    }

    public async Task<LogPosition> Open(string inbox, DateTimeOffset agedBefore)
    {
        var answer = await _redis.ReadWithTime(RedisScript.Open, [Log(inbox), Expiries(inbox)], [agedBefore.ToUnixTimeMilliseconds(), 0, LogPosition.MaxExpiries]);
        var lastId = (string)answer[2]!;
        if (lastId.Length == 0) return LogPosition.None;
        var (epoch, head) = Parse(lastId);
        if (epoch == 0) return LogPosition.None;
        return head == Erased
            ? LogPosition.None with { FencedEpoch = epoch }
            : new(epoch, (long)head, Floor(answer), epoch, Instant(answer[5]), Text(answer[6]), ExpiriesOf(answer.AsSpan(7), epoch));
    }

    public async Task<IReadOnlyList<LogOutcome>> Append(string inbox, LogBatch batch)
    {
        var entries = batch.Entries;
        var plain = true;
        for (var i = 0; i < entries.Count; i++) plain &= entries[i] is { IdempotencyKey: null, ExpiresAt: null };

        var values = new RedisValue[6 + entries.Count * (plain ? 2 : 4)];
        values[1] = batch.Epoch;
        values[2] = batch.Head;
        values[3] = batch.TrimBefore;
        values[4] = _lifetime;
        values[5] = batch.Writer;
        var next = 6;
        for (var i = 0; i < entries.Count; i++)
        {
            var entry = entries[i];
            values[next++] = entry.Json;
            values[next++] = entry.CreatedAt.ToUnixTimeMilliseconds();
            if (plain) continue;
            values[next++] = entry.IdempotencyKey is null ? 0 : (long)(entry.KeyLife ?? InboxLimits.IdempotencyWindow).TotalMilliseconds;
            values[next++] = entry.ExpiresAt?.ToUnixTimeMilliseconds() ?? 0;
        }
        var result = await _redis.Write(RedisScript.Append, plain ? [Log(inbox)] : KeysOf(inbox, entries), values);
        return Outcomes(batch, plain ? null : (RedisResult[])result!);
    }

    public async Task<IReadOnlyList<LogEntry>> Read(string inbox, long epoch, long from, long to, int max, bool newestFirst)
    {
        if (to < from || max <= 0) return [];
        var (low, high) = (Id(epoch, Math.Max(from, 0)), Id(epoch, to));
        object[] arguments = newestFirst ? [Log(inbox), high, low, "COUNT", max] : [Log(inbox), low, high, "COUNT", max];
        var found = (RedisResult[])(await _redis.Read(database => database.ExecuteAsync(newestFirst ? "XREVRANGE" : "XRANGE", arguments)))!;
        return Array.ConvertAll(found, static entry => EntryOf((RedisResult[])entry!));
    }

    public async Task<LogFloor?> FirstSince(string inbox, long epoch, long from, DateTimeOffset agedBefore)
    {
        var answer = await _redis.ReadWithTime(RedisScript.Open, [Log(inbox), Expiries(inbox)], [agedBefore.ToUnixTimeMilliseconds(), Math.Max(from, 0), 0]);
        var lastId = (string)answer[2]!;
        return lastId.Length > 0 && Parse(lastId).Epoch == epoch ? Floor(answer) : null;
    }

    public async Task<IReadOnlyList<LogExpiry>> NextExpiries(string inbox, long epoch, int max)
    {
        if (max <= 0) return [];
        object[] arguments = [Expiries(inbox), 0, max - 1, "WITHSCORES"];
        var found = (RedisResult[])(await _redis.Read(database => database.ExecuteAsync("ZRANGE", arguments)))!;
        return ExpiriesOf(found, epoch);
    }

    public async Task Delete(string inbox, long epoch, IReadOnlyList<long> seqs)
    {
        if (seqs.Count == 0) return;
        var values = new RedisValue[2 + seqs.Count];
        values[1] = epoch;
        for (var i = 0; i < seqs.Count; i++) values[2 + i] = seqs[i];
        await _redis.Write(RedisScript.Delete, [Log(inbox), Expiries(inbox)], values);
    }

    public Task Erase(string inbox, long epoch) => _redis.Write(RedisScript.Erase, [Log(inbox), Expiries(inbox)], [0, epoch, _lifetime]);

    public Task Ping() => _redis.Ping();

    public ValueTask DisposeAsync() => _redis.DisposeAsync();

    private static RedisKey Log(string inbox) => string.Concat("inbox:{", inbox, "}:log");

    private static RedisKey Expiries(string inbox) => string.Concat("inbox:{", inbox, "}:exp");

    private static RedisKey[] KeysOf(string inbox, IReadOnlyList<NewLogEntry> entries)
    {
        List<RedisKey> keys = [Log(inbox), Expiries(inbox)];
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        foreach (var entry in entries)
        {
            if (entry.IdempotencyKey is not { } key) continue;
            SHA256.HashData(Encoding.UTF8.GetBytes(key), hash); // a short key of harmless characters, whatever the caller wrote
            keys.Add($"inbox:{{{inbox}}}:key:{Base64Url.EncodeToString(hash)}");
        }
        return [.. keys];
    }

    private static LogOutcome[] Outcomes(LogBatch batch, RedisResult[]? answers)
    {
        var outcomes = new LogOutcome[batch.Entries.Count];
        var head = batch.Head;
        for (var i = 0; i < outcomes.Length; i++)
        {
            if (answers is not null && (string)answers[i]! is var known and not "0")
            {
                var space = known.IndexOf(' ', StringComparison.Ordinal);
                outcomes[i] = new(
                    long.Parse(known.AsSpan(0, space), CultureInfo.InvariantCulture),
                    DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(known.AsSpan(space + 1), CultureInfo.InvariantCulture)),
                    Replayed: true);
            }
            else
            {
                outcomes[i] = new(++head, batch.Entries[i].CreatedAt, Replayed: false);
            }
        }
        return outcomes;
    }

    private static LogEntry EntryOf(RedisResult[] entry)
    {
        var fields = (RedisResult[])entry[1]!;
        byte[] json = [];
        var writer = "";
        for (var i = 0; i < fields.Length; i += 2)
        {
            switch ((string?)fields[i])
            {
                case "n": json = (byte[])fields[i + 1]!; break;
                case "w": writer = (string)fields[i + 1]!; break;
            }
        }
        return new((long)Parse((string)entry[0]!).Seq, json, writer);
    }

    private static List<LogExpiry> ExpiriesOf(ReadOnlySpan<RedisResult> membersAndScores, long epoch)
    {
        var expiries = new List<LogExpiry>(membersAndScores.Length / 2);
        for (var i = 0; i < membersAndScores.Length; i += 2)
        {
            var (of, seq) = Parse((string)membersAndScores[i]!);
            if (of == epoch) expiries.Add(new((long)seq, DateTimeOffset.FromUnixTimeMilliseconds((long)(double)membersAndScores[i + 1])));
        }
        return expiries;
    }

    private static string Id(long epoch, long seq) => new NotificationId(epoch, seq).ToString();

    private static (long Epoch, ulong Seq) Parse(string id)
    {
        var dash = id.IndexOf('-', StringComparison.Ordinal);
        return (long.Parse(id.AsSpan(0, dash), CultureInfo.InvariantCulture), ulong.Parse(id.AsSpan(dash + 1), CultureInfo.InvariantCulture));
    }

    private static LogFloor? Floor(RedisResult[] answer) => Instant(answer[4]) is { } createdAt ? new((long)answer[3], createdAt) : null;

    private static DateTimeOffset? Instant(RedisResult value) =>
        Text(value) is { } text ? DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(text, CultureInfo.InvariantCulture)) : null;

    private static string? Text(RedisResult value) => (string?)value is { Length: > 0 } text ? text : null;
}
