using StackExchange.Redis;

namespace OrleansInbox.Storage.Redis;

/// <summary>Asks with one script where several logs stand.</summary>
internal sealed class RedisOpens(RedisConnection redis) : RedisGroup<RedisOpens.Opening, RedisResult[]>(redis, maxUnderWay: 3, maxTogether: 16)
{
    /// <returns>As <c>open.lua</c> says.</returns>
    public Task<RedisResult[]> Open(string inbox, DateTimeOffset minCreatedAt, long from, int expiries) => Add(new(inbox, minCreatedAt.ToUnixTimeMilliseconds(), from, expiries));

    protected override async Task Send(List<Opening> together)
    {
        var (keys, values) = (new RedisKey[1 + 3 * together.Count], new RedisValue[3 * together.Count]);
        for (var (i, k, v) = (0, 1, 0); i < together.Count; i++)
        {
            var inbox = together[i].Inbox;
            (keys[k++], keys[k++], keys[k++]) = (RedisKeys.Log(inbox), RedisKeys.Expiries(inbox), RedisKeys.Skipped(inbox));
            (values[v++], values[v++], values[v++]) = (together[i].MinCreatedAt, together[i].From, together[i].Expiries);
        }
        keys[0] = Redis.HistoryOf(keys[1]);
        var answers = await Redis.ReadWithTime(Redis.CanFailOver ? RedisScript.OpenWithHistory : RedisScript.Open, keys, values).ConfigureAwait(false);
        for (var i = 0; i < together.Count; i++) RedisConnection.Answer(together[i], answers[2 + i]);
    }

    internal sealed class Opening(string inbox, long minCreatedAt, long from, int expiries) : TaskCompletionSource<RedisResult[]>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public string Inbox => inbox;
        public long MinCreatedAt => minCreatedAt;
        public long From => from;
        public int Expiries => expiries;
    }
}
