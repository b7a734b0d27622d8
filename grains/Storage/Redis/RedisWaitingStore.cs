using System.Globalization;
using System.Text;
using StackExchange.Redis;

namespace OrleansInbox.Storage.Redis;

/// <summary>What waits lies in the hash slot of its inbox.</summary>
public sealed class RedisWaitingStore(RedisConnection redis, InboxOptions options, TimeProvider time) : IWaitingStore
{
    /// <summary>Longer than anything waits.</summary>
    internal static readonly long Lifetime = (long)TimeSpan.FromDays(400).TotalMilliseconds;

    private readonly long _logLifetime = (long)(options.Retention.MaxAge + TimeSpan.FromDays(2)).TotalMilliseconds;

    private readonly RedisDueIndex _index = new(redis);

    public int Parts => RedisDueIndex.Parts;

    internal static RedisKey[] KeysOf(string inbox) => [RedisKeys.Waiting(inbox), RedisKeys.Due(inbox), RedisKeys.WaitingKeys(inbox)];

    public Task Announce(IReadOnlyList<DueItem> items) => _index.Add(items);

    public Task Settle(IReadOnlyList<DueItem> items) => _index.Remove(items);

    public Task Postpone(IReadOnlyList<DueItem> items, DateTimeOffset until) => _index.Move(items, until);

    public async Task<ScheduleOutcome> Schedule(string inbox, WaitingItem item, string? idempotencyKey, string? keyHash, TimeSpan keyLife)
    {
        RedisKey[] keys = idempotencyKey is null ? KeysOf(inbox) : [.. KeysOf(inbox), RedisKeys.Idempotency(inbox, idempotencyKey)];
        var answer = (string)(await redis.Write(RedisScript.Schedule, keys,
        [
            0, item.Id, Milliseconds(item.DueAt), Value(item), NotificationJson.CollapseKeyOf(item.Json) ?? "", InboxLimits.MaxWaiting, Lifetime,
            RedisKnown.Scheduled(time.GetUtcNow().ToUnixTimeMilliseconds(), keyHash, item.Id), (long)keyLife.TotalMilliseconds,
        ]))!;
        if (answer.Length == 0) return default;
        ThrowIfFull(answer);
        var dash = answer.IndexOf('-', StringComparison.Ordinal);
        var known = RedisKnown.Parse(answer[(dash + 1)..]);
        return new(known.Scheduled, known.Scheduled is null ? new NotificationId(long.Parse(answer.AsSpan(0, dash), CultureInfo.InvariantCulture), known.Seq) : null, known.KeyHash);
    }

    public async Task<IReadOnlyList<long>> Snooze(string inbox, long epoch, IReadOnlyList<long> seqs, DateTimeOffset until)
    {
        var values = new RedisValue[6 + seqs.Count];
        ((ReadOnlySpan<RedisValue>)[0, epoch, Milliseconds(until), InboxLimits.MaxWaiting, Lifetime, _logLifetime]).CopyTo(values);
        for (var i = 0; i < seqs.Count; i++) values[6 + i] = seqs[i];
        var answer = await redis.Write(RedisScript.Snooze, [RedisKeys.Log(inbox), RedisKeys.Expiries(inbox), .. KeysOf(inbox)], values);
        if (answer.Resp2Type != ResultType.Array) ThrowIfFull((string)answer!);
        return (long[])answer!;
    }

    public async Task<bool> Replace(string inbox, IReadOnlyList<string> ids, IReadOnlyList<WaitingItem> by)
    {
        RedisValue[] values = [0, Lifetime, ids.Count, .. ids.Select(static id => (RedisValue)id), .. by.SelectMany(static item => (RedisValue[])[item.Id, Milliseconds(item.DueAt), Value(item)])];
        return (int)await redis.WriteWhenFull(RedisScript.Replace, [RedisKeys.Waiting(inbox), RedisKeys.Due(inbox)], values) == 1;
    }

    public async Task<NotificationId?> Withdraw(string inbox, string id)
    {
        var where = await Withdraw(inbox, [.. KeysOf(inbox), RedisKeys.Idempotency(inbox, Waiting.KeyOf(id))], [0, id, ""]);
        return where.Length > 0 && NotificationId.TryParse(where.Split(' ')[0], out var known) ? known : null;
    }

    public Task WithdrawKey(string inbox, string collapseKey) => Withdraw(inbox, KeysOf(inbox), [0, "", collapseKey]);

    private async Task<string> Withdraw(string inbox, RedisKey[] keys, RedisValue[] values)
    {
        var answer = (RedisResult[])(await redis.WriteWhenFull(RedisScript.Withdraw, keys, values))!;
        await _index.Remove(inbox, answer.AsSpan(1));
        return (string)answer[0]!;
    }

    public async Task<IReadOnlyList<WaitingItem>> Read(string inbox, IReadOnlyList<string> ids)
    {
        var fields = ids.Select(static id => (RedisValue)id).ToArray();
        var found = await redis.Read(database => database.HashGetAsync(RedisKeys.Waiting(inbox), fields, CommandFlags.DemandMaster));
        return [.. ids.Zip(found).Where(static one => !one.Second.IsNull).Select(static one => Item(one.First, (byte[])one.Second!))];
    }

    public async Task<IReadOnlyList<WaitingItem>> List(string inbox, WaitingKind kind, WaitingPlace after, int max)
    {
        RedisKey[] keys = [RedisKeys.Waiting(inbox), RedisKeys.Due(inbox)];
        var found = (RedisResult[])(await redis.Read(RedisScript.Waiting, keys, [kind == WaitingKind.Snoozed ? "^%d" : $"^{(char)kind}", after.DueAt, after.Id, max]))!;
        return Items(found);
    }

    /// <param name="idsAndValues">They take turns.</param>
    internal static IReadOnlyList<WaitingItem> Items(RedisResult[] idsAndValues)
    {
        var items = new WaitingItem[idsAndValues.Length / 2];
        for (var i = 0; i < items.Length; i++) items[i] = Item((string)idsAndValues[2 * i]!, (byte[])idsAndValues[2 * i + 1]!);
        return items;
    }

    public Task<IReadOnlyList<DueItem>> Due(int part, DateTimeOffset now, int max) => _index.Read(part, now, max);

    internal static byte[] Value(WaitingItem item) => [.. Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Milliseconds(item.DueAt)}{(item.Options.Length > 0 ? " " : "")}{item.Options}")), (byte)'\n', .. item.Json];

    private static WaitingItem Item(string id, byte[] value)
    {
        var end = value.AsSpan().IndexOf((byte)'\n');
        var said = Encoding.ASCII.GetString(value, 0, end).Split(' ', 2);
        return new(id, DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(said[0], CultureInfo.InvariantCulture)), value[(end + 1)..]) { Options = said.Length > 1 ? said[1] : "" };
    }

    private static void ThrowIfFull(string answer)
    {
        if (answer == "FULL") throw new TooManyWaitingException();
    }

    private static long Milliseconds(DateTimeOffset time) => time.ToUnixTimeMilliseconds();
}
