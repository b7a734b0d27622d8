using System.Globalization;
using StackExchange.Redis;

namespace OrleansInbox.Storage.Redis;

/// <summary>Which inbox has something due: sorted sets of their own, whose members are <c>&lt;due&gt; &lt;id&gt; &lt;inbox&gt;</c>.</summary>
internal sealed class RedisDueIndex(RedisConnection redis)
{
    public const int Parts = 4;

    public Task Add(IReadOnlyList<DueItem> items) => Write("add", items, static item => item.DueAt);

    public Task Remove(IReadOnlyList<DueItem> items) => Write("remove", items, static item => item.DueAt);

    /// <param name="inbox">The grain's key.</param>
    /// <param name="idsAndTimes">They take turns.</param>
    public Task Remove(string inbox, ReadOnlySpan<RedisResult> idsAndTimes)
    {
        var items = new DueItem[idsAndTimes.Length / 2];
        for (var i = 0; i < items.Length; i++) items[i] = new(inbox, (string)idsAndTimes[2 * i]!, DateTimeOffset.FromUnixTimeMilliseconds((long)(double)idsAndTimes[2 * i + 1]));
        return Remove(items);
    }

    public Task Move(IReadOnlyList<DueItem> items, DateTimeOffset until) => Write("move", items, _ => until);

    public async Task<IReadOnlyList<DueItem>> Read(int part, DateTimeOffset until, int max)
    {
        var found = await redis.Read(database => database.SortedSetRangeByScoreAsync(RedisKeys.DueIndex(part), stop: until.ToUnixTimeMilliseconds(), take: max, flags: CommandFlags.DemandMaster));
        return Array.ConvertAll(found, static member => Parse((string)member!));
    }

    private async Task Write(string what, IReadOnlyList<DueItem> items, Func<DueItem, DateTimeOffset> at)
    {
        foreach (var part in items.GroupBy(static item => RedisSlots.SlotOf(item.Inbox) % Parts))
        {
            RedisValue[] values = [0, what, .. part.SelectMany(item => (RedisValue[])[at(item).ToUnixTimeMilliseconds(), string.Create(CultureInfo.InvariantCulture, $"{item.DueAt.ToUnixTimeMilliseconds()} {item.Id} {item.Inbox}")])];
            await redis.WriteWhenFull(RedisScript.Due, [RedisKeys.DueIndex(part.Key)], values);
        }
    }

    private static DueItem Parse(string member)
    {
        var parts = member.Split(' ', 3);
        return new(parts[2], parts[1], DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(parts[0], CultureInfo.InvariantCulture)));
    }
}
