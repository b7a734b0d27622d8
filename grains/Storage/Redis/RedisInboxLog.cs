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
    private readonly RedisAppends _appends;

    /// <summary>A log that nobody appends to goes as a whole, well after its entries have aged out.</summary>
    private readonly long _lifetime;

    /// <param name="configuration"><c>host:port[,options]</c> of StackExchange.Redis.</param>
    public RedisInboxLog(string configuration, InboxOptions options, TimeProvider time, ILogger<RedisInboxLog> logger)
    {
        _redis = new(configuration, options.StorageTimeout, time, logger);
        var lifetime = options.Retention.MaxAge + TimeSpan.FromDays(2);
        _lifetime = (long)lifetime.TotalMilliseconds;
        _appends = new(_redis, lifetime);
    }

    public async Task<LogPosition> Open(string inbox, DateTimeOffset agedBefore)
    {
        var answer = await _redis.ReadWithTime(RedisScript.Open, [RedisKeys.Log(inbox), RedisKeys.Expiries(inbox)], [agedBefore.ToUnixTimeMilliseconds(), 0, LogPosition.MaxExpiries]);
        var lastId = (string)answer[2]!;
        if (lastId.Length == 0) return LogPosition.None;
        var (epoch, head) = Parse(lastId);
        if (epoch == 0) return LogPosition.None;
        return head == Erased
            ? LogPosition.None with { FencedEpoch = epoch }
            : new(epoch, (long)head, Floor(answer), epoch, Instant(answer[5]), Text(answer[6]), ExpiriesOf(answer.AsSpan(7), epoch));
    }

    public Task<IReadOnlyList<LogOutcome>> Append(string inbox, LogBatch batch) => _appends.Append(inbox, batch);

    public async Task<IReadOnlyList<LogEntry>> Read(string inbox, long epoch, long from, long to, int max, bool newestFirst)
    {
        if (to < from || max <= 0) return [];
        var (low, high) = (Id(epoch, Math.Max(from, 0)), Id(epoch, to));
        object[] arguments = newestFirst ? [RedisKeys.Log(inbox), high, low, "COUNT", max] : [RedisKeys.Log(inbox), low, high, "COUNT", max];
        var found = (RedisResult[])(await _redis.Read(database => database.ExecuteAsync(newestFirst ? "XREVRANGE" : "XRANGE", arguments)))!;
        return Array.ConvertAll(found, static entry => EntryOf((RedisResult[])entry!));
    }

    public async Task<LogFloor?> FirstSince(string inbox, long epoch, long from, DateTimeOffset agedBefore)
    {
        var answer = await _redis.ReadWithTime(RedisScript.Open, [RedisKeys.Log(inbox), RedisKeys.Expiries(inbox)], [agedBefore.ToUnixTimeMilliseconds(), Math.Max(from, 0), 0]);
        var lastId = (string)answer[2]!;
        return lastId.Length > 0 && Parse(lastId).Epoch == epoch ? Floor(answer) : null;
    }

    public async Task<IReadOnlyList<LogExpiry>> NextExpiries(string inbox, long epoch, int max)
    {
        if (max <= 0) return [];
        object[] arguments = [RedisKeys.Expiries(inbox), 0, max - 1, "WITHSCORES"];
        var found = (RedisResult[])(await _redis.Read(database => database.ExecuteAsync("ZRANGE", arguments)))!;
        return ExpiriesOf(found, epoch);
    }

    public async Task Delete(string inbox, long epoch, IReadOnlyList<long> seqs)
    {
        if (seqs.Count == 0) return;
        var values = new RedisValue[2 + seqs.Count];
        values[1] = epoch;
        for (var i = 0; i < seqs.Count; i++) values[2 + i] = seqs[i];
        await _redis.Write(RedisScript.Delete, [RedisKeys.Log(inbox), RedisKeys.Expiries(inbox)], values);
    }

    public Task Erase(string inbox, long epoch) => _redis.Write(RedisScript.Erase, [RedisKeys.Log(inbox), RedisKeys.Expiries(inbox)], [0, epoch, _lifetime]);

    public Task Ping() => _redis.Ping();

    public ValueTask DisposeAsync() => _redis.DisposeAsync();

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
