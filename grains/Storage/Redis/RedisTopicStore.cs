using System.Globalization;
using OrleansInbox.Topics;
using StackExchange.Redis;

namespace OrleansInbox.Storage.Redis;

/// <summary>All of a topic lies in one hash slot; which topics a user has lies in the slot of the inbox.</summary>
public sealed class RedisTopicStore(RedisConnection redis, Func<DateTimeOffset> clock, TopicLimits limits) : ITopicStore
{
    private const int _pipelined = 100;

    /// <summary>Of a topic that is not open: its jobs go on counting.</summary>
    private static readonly long _lifetime = (long)TimeSpan.FromDays(400).TotalMilliseconds;

    private readonly long _keepLeft = (long)limits.KeepLeft.TotalMilliseconds;

    private long Now => clock().ToUnixTimeMilliseconds();

    public async Task<bool> Change(string topic, IReadOnlyList<string> add, IReadOnlyList<string> remove, bool onlyIfOpen)
    {
        if (onlyIfOpen && !(await Read(topic)).IsOpen) return false;
        var (tenant, name) = InboxKey.Parse(topic);
        var refused = false;
        await InSlices(add, async user =>
        {
            if (!await Note(InboxKey.Of(tenant, user), name)) refused = true;
        });
        var answer = refused ? "FULL" : await Subscribe(topic, add, remove, onlyIfOpen);
        await InSlices(answer.Length == 0 ? remove : await Without(topic, add), user => Leave(InboxKey.Of(tenant, user), name));
        if (refused) throw new TooManySubscriptionsException($"A user has at most {limits.Topics} topics.");
        if (answer == "FULL") throw new TooManySubscriptionsException($"A topic has at most {limits.Subscribers} subscribers.");
        return answer.Length == 0;
    }

    public async Task<(bool IsSubscribed, bool IsOpen)> Subscription(string topic, string user) => await redis.Read(async database =>
    {
        var score = database.SortedSetScoreAsync(RedisKeys.Subscribers(topic), user, CommandFlags.DemandMaster);
        var open = database.HashGetAsync(RedisKeys.Topic(topic), "open", CommandFlags.DemandMaster);
        return ((await score).HasValue, await open == 1);
    });

    public async Task<(bool IsOpen, long Subscribers)> Read(string topic) => await redis.Read(async database =>
    {
        var count = database.SortedSetLengthAsync(RedisKeys.Subscribers(topic), flags: CommandFlags.DemandMaster);
        var open = database.HashGetAsync(RedisKeys.Topic(topic), "open", CommandFlags.DemandMaster);
        return (await open == 1, await count);
    });

    public Task SetOpen(string topic, bool isOpen) => redis.WriteWhenFull(RedisScript.OpenTopic, [RedisKeys.Topic(topic)], [0, isOpen ? 1 : 0, _lifetime]);

    public async Task<IReadOnlyList<string>> Subscribers(string topic, string? after, int max)
    {
        var found = await redis.Read(database => database.ExecuteAsync("ZRANGE", [RedisKeys.Subscribers(topic), after is null ? "-" : "(" + after, "+", "BYLEX", "LIMIT", 0, max], CommandFlags.DemandMaster));
        return (string[])found!;
    }

    public async Task<IReadOnlyList<string>> TopicsOf(string inbox)
    {
        var noted = await redis.Read(database => database.SortedSetRangeByRankAsync(RedisKeys.TopicsOf(inbox), flags: CommandFlags.DemandMaster));
        var names = Array.ConvertAll(noted, static name => (string)name!);
        var (tenant, user) = InboxKey.Parse(inbox);
        var topics = new List<string>();
        await InSlices(names, async name =>
        {
            if ((await Subscription(InboxKey.Of(tenant, name), user)).IsSubscribed) lock (topics) topics.Add(name);
        });
        topics.Sort(StringComparer.Ordinal);
        return topics;
    }

    public async Task Forget(string inbox)
    {
        var noted = await redis.Read(database => database.SortedSetRangeByRankAsync(RedisKeys.TopicsOf(inbox), flags: CommandFlags.DemandMaster));
        if (noted.Length == 0) return;
        var (tenant, user) = InboxKey.Parse(inbox);
        await InSlices(noted, name => redis.WriteWhenFull(RedisScript.ForgetInTopic, [RedisKeys.Subscribers(InboxKey.Of(tenant, name!)), RedisKeys.Left(InboxKey.Of(tenant, name!))], [0, user]));
        await InSlices(noted, name => redis.WriteWhenFull(RedisScript.ForgetInTopic, [RedisKeys.TopicsOf(inbox), RedisKeys.TopicsOf(inbox)], [0, name])); // not one that was added meanwhile
    }

    public async Task<AddedTopicJob> AddJob(string topic, TopicWork work, string? idempotencyKey, TimeSpan keyLife)
    {
        RedisKey[] keys = [RedisKeys.Topic(topic), RedisKeys.Subscribers(topic), RedisKeys.Left(topic), RedisKeys.Jobs(topic), .. idempotencyKey is null ? (RedisKey[])[] : [RedisKeys.JobKey(topic, idempotencyKey)]];
        var answer = (string[])(await redis.Write(RedisScript.AddJob, keys,
            [0, work.ToJson(), work.Retract is null ? 0 : 1, limits.Jobs, _lifetime, work.Fingerprint(), (long)keyLife.TotalMilliseconds]))!;
        if (answer.Length == 0) throw new TooManyJobsException($"At most {limits.Jobs} jobs wait in a topic.");
        return new(Number(answer[0]), Number(answer[1]), answer[2].Length == 0 ? null : answer[2]);
    }

    public async Task<TopicJob?> Job(string topic, long number)
    {
        var fields = (await redis.Read(database => database.HashGetAllAsync(RedisKeys.Job(topic, number), CommandFlags.DemandMaster))).ToDictionary(static field => (string)field.Name!, static field => field.Value, StringComparer.Ordinal);
        return fields.Count == 0 ? null : new(number, (long)fields["of"], (string?)fields.GetValueOrDefault("cursor") ?? "",
            new((long)fields["reached"], (long)fields["muted"], (long)fields["failed"]), fields.TryGetValue("work", out var work) ? TopicWork.Parse((byte[])work!) : null);
    }

    public async Task<TopicJob?> NextJob(string topic)
    {
        var first = await redis.Read(database => database.SortedSetRangeByRankAsync(RedisKeys.Jobs(topic), 0, 0, flags: CommandFlags.DemandMaster));
        return first.Length == 0 ? null : await Job(topic, (long)first[0]);
    }

    public async Task<(IReadOnlyList<string> Users, string? Next)> Recipients(string topic, string cursor, int max, bool andLeft)
    {
        if (!cursor.StartsWith(TopicCursor.Left, StringComparison.Ordinal))
        {
            var page = await Subscribers(topic, TopicCursor.UserOf(cursor), max);
            return (page, page.Count == max ? TopicCursor.Of(page[^1]) : andLeft ? TopicCursor.Left : null);
        }
        var (score, user) = TopicCursor.PlaceOf(cursor);
        var found = (string[])(await redis.Read(RedisScript.Left, [RedisKeys.Left(topic)], [score, user, max]))!;
        return ([.. found.Where(static (_, i) => i % 2 == 0)], found.Length == 2 * max ? TopicCursor.Of(Number(found[^1]), found[^2]) : null);
    }

    public async Task<bool> Advance(string topic, TopicJob job, TopicProgress done, string? next) => (int)await redis.WriteWhenFull(RedisScript.AdvanceJob,
        [RedisKeys.Job(topic, job.Number), RedisKeys.Jobs(topic)],
        [0, job.Number, job.Cursor, next ?? "", done.Reached, done.Muted, done.Failed, next is null ? (long)limits.KeepJobs.TotalMilliseconds : 0]) == 1;

    private async Task<string> Subscribe(string topic, IReadOnlyList<string> add, IReadOnlyList<string> remove, bool onlyIfOpen)
    {
        var now = Now;
        RedisKey[] keys = [RedisKeys.Topic(topic), RedisKeys.Subscribers(topic), RedisKeys.Left(topic)];
        RedisValue[] values = [0, now, onlyIfOpen ? 1 : 0, limits.Subscribers, limits.Left, now - _keepLeft, add.Count, .. add.Select(static user => (RedisValue)user), .. remove.Select(static user => (RedisValue)user)];
        return (string)(add.Count == 0 ? await redis.WriteWhenFull(RedisScript.Subscribe, keys, values) : await redis.Write(RedisScript.Subscribe.Plain, keys, values))!;
    }

    /// <returns>False: as many topics as may be are noted, and of all of them the user is a subscriber.</returns>
    private async Task<bool> Note(string inbox, string name)
    {
        if (await Write()) return true;
        var noted = await redis.Read(database => database.SortedSetRangeByScoreAsync(RedisKeys.TopicsOf(inbox), 0, 0, flags: CommandFlags.DemandMaster));
        var subscribed = await TopicsOf(inbox);
        await InSlices([.. noted.Select(static one => (string)one!).Except(subscribed, StringComparer.Ordinal)], one => Leave(inbox, one)); // somebody died between the two writes
        return await Write();

        async Task<bool> Write() => ((string)(await redis.Write(RedisScript.TopicsOf.Plain, [RedisKeys.TopicsOf(inbox)], [0, "add", name, Now, limits.Topics, _keepLeft]))!).Length == 0;
    }

    private Task<RedisResult> Leave(string inbox, string name) => redis.WriteWhenFull(RedisScript.TopicsOf, [RedisKeys.TopicsOf(inbox)], [0, "leave", name, Now, limits.Topics, _keepLeft]);

    /// <returns>Those who are not subscribed.</returns>
    private async Task<IReadOnlyList<string>> Without(string topic, IReadOnlyList<string> users)
    {
        var without = new List<string>();
        await InSlices(users, async user =>
        {
            if (!(await Subscription(topic, user)).IsSubscribed) lock (without) without.Add(user);
        });
        return without;
    }

    /// <summary>So many at once that they share round trips, and so few that none waits for long.</summary>
    private static async Task InSlices<T>(IReadOnlyList<T> all, Func<T, Task> action)
    {
        foreach (var slice in all.Chunk(_pipelined)) await Task.WhenAll(slice.Select(action));
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
