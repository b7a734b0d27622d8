using StackExchange.Redis;

namespace OrleansInbox.Storage.Redis;

/// <summary>Reads the states of several grains with one script.</summary>
internal sealed class RedisStateReads(RedisConnection redis) : RedisGroup<RedisStateReads.Reading, RedisResult[]>(redis, maxUnderWay: 3, maxTogether: 16)
{
    /// <returns>ETag and data.</returns>
    public Task<RedisResult[]> Read(RedisKey key) => Add(new(key));

    protected override async Task Send(List<Reading> together)
    {
        if (together is [var one])
        {
            RedisConnection.Answer(one, await Redis.Read(database => database.ExecuteAsync("HMGET", [one.Key, "etag", "data"], CommandFlags.DemandMaster)).ConfigureAwait(false));
            return;
        }
        var answers = (RedisResult[])(await Redis.Read(RedisScript.ReadStates, [.. together.Select(static reading => reading.Key)], []).ConfigureAwait(false))!;
        for (var i = 0; i < together.Count; i++) RedisConnection.Answer(together[i], answers[i]);
    }

    internal sealed class Reading(RedisKey key) : TaskCompletionSource<RedisResult[]>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public RedisKey Key => key;
    }
}
