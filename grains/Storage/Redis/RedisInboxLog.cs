using System.Globalization;
using StackExchange.Redis;

namespace OrleansInbox.Storage.Redis;

/// <summary>
/// One Redis Stream per inbox, its entries' ids are <c>&lt;epoch&gt;-&lt;seq&gt;</c>: Redis refuses an id that is not above the last one, and that is the fence.
/// All keys of an inbox share the hash tag <c>{key}</c>. What an append needs is one script, so it is atomic and one round trip.
/// </summary>
/// <remarks>Uncertain writes: see <see cref="RedisConnection.Write"/>. Durable means what Redis' <c>appendfsync</c> says.</remarks>
public sealed class RedisInboxLog : IInboxLog
{
    private const ulong Erased = ulong.MaxValue;

    /// <summary>The time of what is skipped in an inbox that was restored, until something is skipped there.</summary>
    private static readonly DateTimeOffset _restored = DateTimeOffset.UnixEpoch;

    /// <summary>How long a forgotten inbox refuses what still comes for it, under its name: longer than a second activation lives.</summary>
    private static readonly TimeSpan _fence = TimeSpan.FromHours(1);

    private readonly RedisConnection _redis;
    private readonly RedisAppends _appends;
    private readonly RedisOpens _opens;
    private readonly RedisDueIndex _index;

    /// <summary>A log that nobody appends to goes as a whole, well after its entries have aged out.</summary>
    private readonly long _lifetime;

    public RedisInboxLog(RedisConnection redis, InboxOptions options)
    {
        _redis = redis;
        var lifetime = options.Retention.MaxAge + TimeSpan.FromDays(2);
        _lifetime = (long)lifetime.TotalMilliseconds;
        _appends = new(redis, lifetime);
        _opens = new(redis);
        _index = new(redis);
    }

    public async Task<LogPosition> Open(string inbox, DateTimeOffset minCreatedAt)
    {
        var answer = await _opens.Open(inbox, minCreatedAt, from: 0, LogPosition.MaxExpiries);
        var lastId = (string)answer[0]!;
        if (lastId.Length == 0) return LogPosition.None;
        var (epoch, head) = Parse(lastId);
        if (epoch == 0) return LogPosition.None;
        if (head == Erased) return LogPosition.None with { FencedEpoch = epoch };
        var (lastCreatedAt, (skipped, skippedAt)) = (Instant(answer[3]), Skipped(answer[4], epoch));
        return new(epoch, (long)head, Floor(answer), epoch, lastCreatedAt, ExpiriesOf(answer.AsSpan(6), epoch))
        {
            Skipped = skipped,
            TailMayBeLost = skippedAt == _restored || (SetBackAt(answer[5]) is { } setBack && !(lastCreatedAt >= setBack) && skippedAt < setBack),
        };
    }

    /// <summary>Of the master that answered; an ordinary Redis was asked when it was connected.</summary>
    private DateTimeOffset? SetBackAt(RedisResult since) => (string?)since is { Length: > 0 } text ? text == "0" ? null : Instant(since) : _redis.SetBackAt;

    public Task<IReadOnlyList<LogOutcome>> Append(string inbox, LogBatch batch) => _appends.Append(inbox, batch);

    public async Task<IReadOnlyList<LogEntry>> Read(string inbox, long epoch, long from, long to, int max, bool newestFirst)
    {
        if (to < from || max <= 0) return [];
        var (low, high) = (Id(epoch, Math.Max(from, 0)), Id(epoch, to));
        var order = newestFirst ? Order.Descending : Order.Ascending;
        var found = await _redis.Read(database => database.StreamRangeAsync(RedisKeys.Log(inbox), low, high, max, order, CommandFlags.DemandMaster));
        return Array.ConvertAll(found, EntryOf);
    }

    public async Task<LogFloor?> FirstSince(string inbox, long epoch, long from, DateTimeOffset minCreatedAt)
    {
        var answer = await _opens.Open(inbox, minCreatedAt, Math.Max(from, 0), expiries: 0);
        var lastId = (string)answer[0]!;
        return lastId.Length > 0 && Parse(lastId).Epoch == epoch ? Floor(answer) : null;
    }

    public async Task<IReadOnlyList<LogExpiry>> NextExpiries(string inbox, long epoch, int max)
    {
        if (max <= 0) return [];
        var found = await _redis.Read(database => database.SortedSetRangeByRankWithScoresAsync(RedisKeys.Expiries(inbox), 0, max - 1, flags: CommandFlags.DemandMaster));
        var expiries = new List<LogExpiry>(found.Length);
        foreach (var entry in found) AddExpiry(expiries, (string)entry.Element!, (long)entry.Score, epoch);
        return expiries;
    }

    public async Task<long?> Find(string inbox, long epoch, string collapseKey)
    {
        var seq = await _redis.Read(database => database.SortedSetScoreAsync(RedisKeys.Collapse(inbox), collapseKey, CommandFlags.DemandMaster));
        if (seq is null) return null;
        var id = Id(epoch, (long)seq);
        var found = await _redis.Read(database => database.StreamRangeAsync(RedisKeys.Log(inbox), id, id, flags: CommandFlags.DemandMaster));
        return found is [var entry] && entry["k"] == collapseKey ? (long)seq : null;
    }

    public async Task Delete(string inbox, long epoch, IReadOnlyList<long> seqs)
    {
        if (seqs.Count == 0) return;
        var values = new RedisValue[2 + seqs.Count];
        values[1] = epoch;
        for (var i = 0; i < seqs.Count; i++) values[2 + i] = seqs[i];
        await _redis.WriteWhenFull(RedisScript.Delete, [RedisKeys.Log(inbox), RedisKeys.Expiries(inbox)], values);
    }

    public async Task Erase(string inbox, long epoch)
    {
        var snoozed = await _redis.WriteWhenFull(RedisScript.Erase, [.. OpenKeys(inbox), RedisKeys.Collapse(inbox), .. RedisWaitingStore.KeysOf(inbox)], [0, epoch, _lifetime]);
        await _index.Remove(inbox, (RedisResult[])snoozed!);
    }

    public async Task Forget(string inbox, long epoch, TimeSpan keep)
    {
        // First: whoever dies after it has forgotten nobody, and whoever dies before it has told nobody.
        await _redis.WriteWhenFull(RedisScript.Tombstone, [RedisKeys.Tombstone(Tombstone.HashOf(inbox))], [0, epoch, (long)keep.TotalMilliseconds]);
        try
        {
            var waited = await _redis.WriteWhenFull(RedisScript.Forget, [.. OpenKeys(inbox), RedisKeys.Marks(inbox), RedisKeys.Collapse(inbox), .. RedisWaitingStore.KeysOf(inbox)], [0, epoch, (long)_fence.TotalMilliseconds]);
            await _index.Remove(inbox, (RedisResult[])waited!); // its members have the name
        }
        catch (StorageUnavailableException e) when (IsConflict(e))
        {
            throw new LogConflictException($"Somebody else wrote to the log of {inbox}: {e.InnerException!.Message}", e);
        }
    }

    public async Task Skip(string inbox, long epoch, long head, long to)
    {
        try
        {
            await _redis.Write(RedisScript.Skip, [RedisKeys.Log(inbox), RedisKeys.Skipped(inbox)], [0, epoch, head, to, head + 1, _lifetime]);
        }
        catch (StorageUnavailableException e) when (IsConflict(e))
        {
            throw new LogConflictException($"Somebody else wrote to the log of {inbox}: {e.InnerException!.Message}", e);
        }
    }

    public Task Confirm(string inbox) => _redis.Confirm(RedisKeys.Log(inbox));

    public Task Ping() => _redis.Ping();

    public Task ProbeWrite() => _redis.ProbeWrite();

    private static bool IsConflict(StorageUnavailableException e) =>
        e.InnerException is RedisServerException { Message: var message } && message.StartsWith("CONFLICT", StringComparison.Ordinal);

    private static RedisKey[] OpenKeys(string inbox) => [RedisKeys.Log(inbox), RedisKeys.Expiries(inbox), RedisKeys.Skipped(inbox)];

    private static (SeqRanges Seqs, DateTimeOffset At) Skipped(RedisResult value, long epoch) =>
        Text(value)?.Split(' ') is [var of, var at, var ranges] && long.Parse(of, CultureInfo.InvariantCulture) == epoch
            ? (SeqRanges.Parse(ranges), DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(at, CultureInfo.InvariantCulture)))
            : (SeqRanges.Empty, default);

    private static LogEntry EntryOf(StreamEntry entry)
    {
        byte[] json = [];
        var writer = "";
        foreach (var field in entry.Values)
        {
            if (field.Name == "n") json = (byte[])field.Value!;
            else if (field.Name == "w") writer = (string)field.Value!;
        }
        return new((long)Parse((string)entry.Id!).Seq, json, writer);
    }

    /// <summary>Members and scores take turns.</summary>
    private static List<LogExpiry> ExpiriesOf(ReadOnlySpan<RedisResult> membersAndScores, long epoch)
    {
        var expiries = new List<LogExpiry>(membersAndScores.Length / 2);
        for (var i = 0; i < membersAndScores.Length; i += 2) AddExpiry(expiries, (string)membersAndScores[i]!, (long)(double)membersAndScores[i + 1], epoch);
        return expiries;
    }

    private static void AddExpiry(List<LogExpiry> expiries, string member, long at, long epoch)
    {
        var (of, seq) = Parse(member);
        if (of == epoch) expiries.Add(new((long)seq, DateTimeOffset.FromUnixTimeMilliseconds(at)));
    }

    private static string Id(long epoch, long seq) => new NotificationId(epoch, seq).ToString();

    private static (long Epoch, ulong Seq) Parse(string id)
    {
        var dash = id.IndexOf('-', StringComparison.Ordinal);
        return (long.Parse(id.AsSpan(0, dash), CultureInfo.InvariantCulture), ulong.Parse(id.AsSpan(dash + 1), CultureInfo.InvariantCulture));
    }

    private static LogFloor? Floor(RedisResult[] answer) => Instant(answer[2]) is { } createdAt ? new((long)answer[1], createdAt) : null;

    private static DateTimeOffset? Instant(RedisResult value) =>
        Text(value) is { } text ? DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(text, CultureInfo.InvariantCulture)) : null;

    private static string? Text(RedisResult value) => (string?)value is { Length: > 0 } text ? text : null;
}
