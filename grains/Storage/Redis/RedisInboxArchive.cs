using System.Globalization;
using System.Runtime.CompilerServices;
using OrleansInbox.Announcements;
using OrleansInbox.Topics;
using StackExchange.Redis;

namespace OrleansInbox.Storage.Redis;

/// <summary>Finds inboxes with SCAN, which holds nobody up; reads and writes each with one script, a large one in steps.</summary>
public sealed class RedisInboxArchive(RedisConnection redis, InboxOptions options, TimeProvider time) : IInboxArchive
{
    /// <summary>A script of so many keeps Redis busy for a millisecond.</summary>
    private const int _maxEntries = 200;
    private const int _maxBytes = 256 * 1024;
    private const int _maxAttempts = 5;
    private const int _scanCount = 500;
    private const int _pipelined = 64;
    private const ulong _erased = ulong.MaxValue;

    private readonly RedisDueIndex _index = new(redis);
    private readonly RedisTopicStore _topics = new(redis, time.GetUtcNow, new TopicLimits());
    private readonly long _lifetime = (long)(options.Retention.MaxAge + TimeSpan.FromDays(2)).TotalMilliseconds;

    public string Source => "redis";

    public Task<long?> Count() => Task.FromResult<long?>(null);

    public async IAsyncEnumerable<string> Inboxes([EnumeratorCancellation] CancellationToken cancelled)
    {
        var without = new List<string>(_pipelined);
        await foreach (var key in Scan("inbox:{*}:[lmw]*", cancelled)) // log, marks, and what waits
        {
            if (RedisKeys.InboxOf(key) is not { } inbox) continue;
            if (key.EndsWith(":log", StringComparison.Ordinal)) yield return inbox;
            else if (key.EndsWith(":marks", StringComparison.Ordinal) || key.EndsWith(":waiting", StringComparison.Ordinal)) without.Add(inbox);
            if (without.Count < _pipelined) continue;
            foreach (var alone in await WithoutLog(without)) yield return alone;
            without.Clear();
        }
        foreach (var alone in await WithoutLog(without)) yield return alone;
    }

    public async Task<ArchivedInbox?> Read(string inbox)
    {
        for (var attempt = 1; ; attempt++)
        {
            var (archived, whole) = await Snapshot(inbox, _maxEntries);
            if (whole) return archived;
            var entries = new List<ArchivedEntry>(archived!.Entries);
            await ReadOn(inbox, archived, entries);
            // Entries never change, so what was read step by step is the log as it was at first, if it was not erased meanwhile. The marks are read last: of a
            // notification that was deleted meanwhile they know that it is. What was snoozed meanwhile waits, whether it was read as an entry or not; what waited and came
            // meanwhile waits still.
            var (now, _) = await Snapshot(inbox, entries: 0);
            if (now is { IsErased: false } && now.Epoch == archived.Epoch)
            {
                var waiting = archived.Waiting.UnionBy(now.Waiting, item => item.Id).ToDictionary(item => item.Id, StringComparer.Ordinal);
                entries.RemoveAll(entry => waiting.ContainsKey(new NotificationId(archived.Epoch, entry.Seq).ToString()));
                return archived with { Marks = now.Marks, Waiting = [.. waiting.Values], Entries = entries };
            }
            if (attempt == _maxAttempts) throw new StorageUnavailableException($"The inbox {inbox} is erased again and again while it is read.");
        }
    }

    public async IAsyncEnumerable<ArchivedKey> Keys([EnumeratorCancellation] CancellationToken cancelled)
    {
        var found = new List<string>(_pipelined);
        await foreach (var key in Scan("inbox:{*}:key:*", cancelled))
        {
            found.Add(key);
            if (found.Count < _pipelined) continue;
            foreach (var read in await Task.WhenAll(found.Select(ReadKey))) if (read is not null) yield return read;
            found.Clear();
        }
        foreach (var read in await Task.WhenAll(found.Select(ReadKey))) if (read is not null) yield return read;
    }

    public async IAsyncEnumerable<ArchivedTopic> Topics([EnumeratorCancellation] CancellationToken cancelled)
    {
        const string Prefix = "topic:{", Subscribers = "}:subscribers";
        await foreach (var key in Scan(Prefix + "*}*", cancelled))
        {
            if (key.EndsWith('}'))
            {
                var topic = key[Prefix.Length..^1];
                if ((await _topics.Read(topic)).IsOpen) yield return new(topic, IsOpen: true, []);
            }
            else if (key.EndsWith(Subscribers, StringComparison.Ordinal))
            {
                var topic = key[Prefix.Length..^Subscribers.Length];
                for (string? after = null; await _topics.Subscribers(topic, after, TopicLimits.MaxUsers) is { Count: > 0 } page; after = page[^1]) yield return new(topic, IsOpen: false, page);
            }
        }
    }

    public async Task<int> RestoreTopic(ArchivedTopic topic, DateTimeOffset since)
    {
        var (tenant, _) = InboxKey.Parse(topic.Key);
        var wanted = new List<string>();
        foreach (var some in topic.Subscribers.Chunk(_pipelined))
        {
            var those = await Task.WhenAll(some.Select(async user => await redis.Read(async database =>
            {
                var left = database.SortedSetScoreAsync(RedisKeys.Left(topic.Key), user, CommandFlags.DemandMaster);
                var forgotten = await database.StringGetAsync(RedisKeys.Tombstone(Tombstone.HashOf(InboxKey.Of(tenant, user))), CommandFlags.DemandMaster);
                return !(await left).HasValue && (forgotten.IsNull || (long)forgotten < since.ToUnixTimeMilliseconds());
            })));
            wanted.AddRange(some.Where((_, i) => those[i]));
        }
        if (topic.IsOpen) await _topics.SetOpen(topic.Key, isOpen: true);
        return await _topics.Restore(topic.Key, wanted);
    }

    public async IAsyncEnumerable<ArchivedAnnouncements> Announcements([EnumeratorCancellation] CancellationToken cancelled)
    {
        const string Prefix = "inbox:{";
        var suffix = RedisKeys.State("", TenantAnnouncements.StateName).ToString()[Prefix.Length..];
        await foreach (var key in Scan(Prefix + "*" + suffix, cancelled))
            if (await redis.Read(database => database.HashGetAsync(key, "data", CommandFlags.DemandMaster)) is { IsNullOrEmpty: false } state) yield return new(key[Prefix.Length..^suffix.Length], (byte[])state!);
    }

    public async Task<bool> RestoreAnnouncements(ArchivedAnnouncements announcements) =>
        (await redis.WriteWhenFull(RedisScript.State, [RedisKeys.State(announcements.Tenant, TenantAnnouncements.StateName)], [0, "", Guid.NewGuid().ToString(), announcements.State])).IsNull;

    public async IAsyncEnumerable<Tombstone> Tombstones([EnumeratorCancellation] CancellationToken cancelled)
    {
        await foreach (var key in Scan(RedisKeys.Tombstone("*").ToString(), cancelled))
        {
            var found = await redis.Read(database => database.StringGetWithExpiryAsync(key, CommandFlags.DemandMaster));
            if (!found.Value.IsNull && found.Expiry is { } left) yield return new(key[RedisKeys.Tombstone("").ToString().Length..], (long)found.Value, Until(left));
        }
    }

    public async Task<RestoreOutcome> Restore(ArchivedInbox inbox)
    {
        if (inbox.Waiting.Count > 0) await _index.Add([.. inbox.Waiting.Select(item => new DueItem(inbox.Key, item.Id, item.DueAt))]);
        // Not with what follows in one script, because it has another hash slot; nobody is forgotten while a backup is restored to a server that is down.
        var forgotten = await redis.Read(database => database.StringGetAsync(RedisKeys.Tombstone(Tombstone.HashOf(inbox.Key)), CommandFlags.DemandMaster));
        if (!forgotten.IsNull && (long)forgotten >= inbox.Epoch) return RestoreOutcome.Forgotten;
        for (var done = 0; ;)
        {
            var count = Chunk(inbox.Entries, done);
            var isLast = done + count == inbox.Entries.Count;
            var written = (int)await redis.Write(RedisScript.Restore, KeysOf(inbox.Key), Arguments(inbox, done, count, isLast));
            if (written == 0) return RestoreOutcome.IsThere;
            if (isLast) return RestoreOutcome.Restored;
            done += count;
        }
    }

    public async Task<bool> RestoreKey(ArchivedKey key)
    {
        var left = key.Until - time.GetUtcNow().ToUnixTimeMilliseconds();
        if (left <= 0) return false;
        var value = string.Create(CultureInfo.InvariantCulture, $"{key.Epoch}-{key.Seq} {key.CreatedAt}{(key.Hash is null ? "" : " " + key.Hash)}");
        return (int)await redis.Write(RedisScript.RestoreKey, [RedisKeys.Log(key.Inbox), RedisKeys.Skipped(key.Inbox), RedisKeys.IdempotencyOf(key.Inbox, key.Key)], [0, key.Epoch, key.Seq, value, left]) == 1;
    }

    public async Task RestoreTombstone(Tombstone tombstone)
    {
        var left = tombstone.Until - time.GetUtcNow().ToUnixTimeMilliseconds();
        if (left > 0) await redis.WriteWhenFull(RedisScript.Tombstone, [RedisKeys.Tombstone(tombstone.Hash)], [0, tombstone.Epoch, left]);
    }

    /// <returns>The inbox with its oldest entries, and whether those are all.</returns>
    private async Task<(ArchivedInbox? Inbox, bool IsWhole)> Snapshot(string inbox, int entries)
    {
        RedisKey[] keys = [RedisKeys.Log(inbox), RedisKeys.Expiries(inbox), RedisKeys.Skipped(inbox), RedisKeys.Marks(inbox), RedisKeys.Waiting(inbox)];
        var answer = (RedisResult[])(await redis.Read(RedisScript.Archive, keys, [entries]))!;
        var (last, marks) = ((string)answer[0]!, (byte[])answer[2]!);
        var waiting = RedisWaitingStore.Items((RedisResult[])answer[5]!);
        if (last.Length == 0 && marks.Length == 0 && waiting.Count == 0) return (null, true);
        var (epoch, head) = last.Length == 0 ? (0, 0) : Parse(last);
        var found = (RedisResult[])answer[4]!;
        var archived = new ArchivedInbox(inbox, epoch, head == _erased ? 0 : (long)head, head == _erased, Skipped((string)answer[1]!, epoch),
            EntriesOf(found, ExpiriesOf((RedisResult[])answer[3]!), epoch), marks.Length == 0 ? null : marks)
        { Waiting = waiting };
        return (archived, found.Length < entries || archived.IsErased);
    }

    private async Task ReadOn(string inbox, ArchivedInbox archived, List<ArchivedEntry> entries)
    {
        var key = RedisKeys.Log(inbox);
        while (entries.Count > 0 && entries[^1].Seq < archived.Head)
        {
            var (from, to) = (new NotificationId(archived.Epoch, entries[^1].Seq + 1).ToString(), new NotificationId(archived.Epoch, archived.Head).ToString());
            var read = (RedisResult[])(await redis.Read(database => database.ExecuteAsync("XRANGE", [key, from, to, "COUNT", _maxEntries], CommandFlags.DemandMaster)))!;
            if (read.Length == 0) return;
            var expiries = new Dictionary<long, long>();
            foreach (var entry in read)
            {
                var id = (string)((RedisResult[])entry!)[0]!;
                if (await redis.Read(database => database.SortedSetScoreAsync(RedisKeys.Expiries(inbox), id, CommandFlags.DemandMaster)) is { } at) expiries[(long)Parse(id).Seq] = (long)at;
            }
            entries.AddRange(EntriesOf(read, expiries, archived.Epoch));
        }
    }

    private async Task<ArchivedKey?> ReadKey(string key)
    {
        var found = await redis.Read(database => database.StringGetWithExpiryAsync(key, CommandFlags.DemandMaster));
        if (found.Value.IsNull || found.Expiry is not { } left || RedisKeys.InboxOf(key) is not { } inbox) return null;
        var parts = ((string)found.Value!).Split(' ');
        var (epoch, seq) = Parse(parts[0]);
        return new(inbox, key[RedisKeys.IdempotencyOf(inbox, "").ToString().Length..], epoch, (long)seq, long.Parse(parts[1], CultureInfo.InvariantCulture), parts.Length > 2 ? string.Join(' ', parts[2..]) : null, Until(left));
    }

    /// <summary>The others are found by their log.</summary>
    private async Task<IEnumerable<string>> WithoutLog(List<string> inboxes)
    {
        var haveLog = await Task.WhenAll(inboxes.Select(inbox => redis.Read(database => database.KeyExistsAsync(RedisKeys.Log(inbox), CommandFlags.DemandMaster))));
        return inboxes.Where((_, i) => !haveLog[i]);
    }

    private async IAsyncEnumerable<string> Scan(string pattern, [EnumeratorCancellation] CancellationToken cancelled)
    {
        var multiplexer = await redis.Multiplexer;
        var primaries = multiplexer.GetServers().Where(server => !server.IsReplica).ToLookup(server => server.IsConnected);
        if (!primaries[true].Any() || (redis.IsCluster && primaries[false].Any()))
            throw new StorageUnavailableException("Redis, or a part of it, is not reachable: a backup would not be whole.");
        foreach (var server in primaries[true])
        {
            await using var keys = server.KeysAsync(pattern: pattern, pageSize: _scanCount).GetAsyncEnumerator(cancelled);
            while (await Next(keys)) yield return keys.Current.ToString();
        }
    }

    private static async Task<bool> Next(IAsyncEnumerator<RedisKey> keys)
    {
        try
        {
            return await keys.MoveNextAsync();
        }
        catch (Exception e) when (e is RedisException or TimeoutException or ObjectDisposedException)
        {
            throw new StorageUnavailableException("Redis is not available: " + e.Message, e);
        }
    }

    private static RedisKey[] KeysOf(string inbox) =>
        [RedisKeys.Restoring(inbox), RedisKeys.Log(inbox), RedisKeys.Expiries(inbox), RedisKeys.Skipped(inbox), RedisKeys.Marks(inbox), RedisKeys.Restoring(inbox).Append(":exp"),
            RedisKeys.Restoring(inbox).Append(":collapse"), RedisKeys.Collapse(inbox), .. RedisWaitingStore.KeysOf(inbox)];

    private RedisValue[] Arguments(ArchivedInbox inbox, int from, int count, bool isLast)
    {
        RedisValue head = !isLast ? "" : inbox.IsErased ? _erased.ToString(CultureInfo.InvariantCulture) : inbox.Head;
        RedisValue skipped = inbox.IsErased ? "" : string.Create(CultureInfo.InvariantCulture, $"{inbox.Epoch} 0 {inbox.Skipped}"); // 0: restored, see RedisInboxLog
        var waiting = isLast ? inbox.Waiting : [];
        var begin = 10 + waiting.Count * 4;
        var values = new RedisValue[begin + count * 6];
        ((ReadOnlySpan<RedisValue>)[0, inbox.Epoch, head, from == 0 ? 1 : 0, _lifetime, skipped, inbox.Marks ?? [], Guid.NewGuid().ToString(), RedisWaitingStore.Lifetime, waiting.Count]).CopyTo(values);
        for (var i = 0; i < waiting.Count; i++)
            ((ReadOnlySpan<RedisValue>)[waiting[i].Id, RedisWaitingStore.Value(waiting[i]), waiting[i].DueAt.ToUnixTimeMilliseconds(), NotificationJson.CollapseKeyOf(waiting[i].Json) ?? ""]).CopyTo(values.AsSpan(10 + i * 4));
        for (var i = 0; i < count; i++)
        {
            var entry = inbox.Entries[from + i];
            ((ReadOnlySpan<RedisValue>)[entry.Seq, entry.Json, entry.CreatedAt, entry.Writer, entry.ExpiresAt ?? 0, NotificationJson.CollapseKeyOf(entry.Json) ?? ""]).CopyTo(values.AsSpan(begin + i * 6));
        }
        return values;
    }

    private static int Chunk(IReadOnlyList<ArchivedEntry> entries, int from)
    {
        var count = 0;
        for (var bytes = 0; count < _maxEntries && from + count < entries.Count && bytes < _maxBytes; count++) bytes += entries[from + count].Json.Length;
        return count;
    }

    private static List<ArchivedEntry> EntriesOf(RedisResult[] found, Dictionary<long, long> expiries, long epoch)
    {
        var entries = new List<ArchivedEntry>(found.Length);
        foreach (var one in found)
        {
            var (id, fields) = ((string)((RedisResult[])one!)[0]!, (RedisResult[])((RedisResult[])one!)[1]!);
            var (of, seq) = Parse(id);
            if (of != epoch) continue;
            byte[] json = [];
            var (createdAt, writer) = (0L, "");
            for (var i = 0; i < fields.Length; i += 2)
            {
                if ((string)fields[i]! == "n") json = (byte[])fields[i + 1]!;
                else if ((string)fields[i]! == "t") createdAt = (long)fields[i + 1];
                else if ((string)fields[i]! == "w") writer = (string)fields[i + 1]!;
            }
            entries.Add(new((long)seq, createdAt, expiries.TryGetValue((long)seq, out var at) ? at : null, writer, json));
        }
        return entries;
    }

    private static Dictionary<long, long> ExpiriesOf(RedisResult[] membersAndScores)
    {
        var expiries = new Dictionary<long, long>();
        for (var i = 0; i < membersAndScores.Length; i += 2) expiries[(long)Parse((string)membersAndScores[i]!).Seq] = (long)(double)membersAndScores[i + 1];
        return expiries;
    }

    private static SeqRanges Skipped(string value, long epoch) =>
        value.Split(' ') is [var of, _, var ranges] && long.Parse(of, CultureInfo.InvariantCulture) == epoch ? SeqRanges.Parse(ranges) : SeqRanges.Empty;

    private long Until(TimeSpan left) => (time.GetUtcNow() + left).ToUnixTimeMilliseconds();

    private static (long Epoch, ulong Seq) Parse(string id)
    {
        var dash = id.IndexOf('-', StringComparison.Ordinal);
        return (long.Parse(id.AsSpan(0, dash), CultureInfo.InvariantCulture), ulong.Parse(id.AsSpan(dash + 1), CultureInfo.InvariantCulture));
    }
}
