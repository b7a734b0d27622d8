using System.Globalization;
using StackExchange.Redis;

namespace OrleansInbox.Storage.Redis;

/// <summary>The keys of an inbox, all in one hash slot.</summary>
internal static class RedisKeys
{
    /// <summary>Of the whole storage: what <c>history.lua</c> keeps.</summary>
    public static readonly RedisKey Storage = "inbox:storage";

    /// <summary>Likewise, of one hash slot of a Redis Cluster.</summary>
    public static RedisKey StorageOf(int slot) => string.Concat("inbox:storage:{", RedisSlots.TagOf(slot), "}");

    /// <summary>Never there; in that hash slot.</summary>
    public static RedisKey Probe(int slot) => string.Concat("inbox:probe:{", RedisSlots.TagOf(slot), "}");

    /// <summary>Written before replicas are waited for; in that hash slot, if there are any.</summary>
    public static RedisKey Replicas(int? slot) => slot is { } of ? string.Concat("inbox:replicas:{", RedisSlots.TagOf(of), "}") : "inbox:replicas";

    /// <summary>Whose the whole storage is: <c>lease.lua</c>.</summary>
    public static readonly RedisKey Server = "inbox:server";

    /// <summary>Who makes the scheduled backup, or that none is due yet.</summary>
    public static readonly RedisKey Backup = "inbox:backup";

    public static RedisKey Log(string inbox) => string.Concat("inbox:{", inbox, "}:log");

    public static RedisKey Expiries(string inbox) => string.Concat("inbox:{", inbox, "}:exp");

    /// <summary>The collapse keys, each with the seq of the entry that has it; only there when there are any.</summary>
    public static RedisKey Collapse(string inbox) => string.Concat("inbox:{", inbox, "}:collapse");

    /// <summary>What waits, by its id: <c>&lt;due&gt;[ &lt;options&gt;]\n&lt;json&gt;</c>; only there when something does, like the next two.</summary>
    public static RedisKey Waiting(string inbox) => string.Concat("inbox:{", inbox, "}:waiting");

    /// <summary>The ids of what waits, by when they are due.</summary>
    public static RedisKey Due(string inbox) => string.Concat("inbox:{", inbox, "}:due");

    /// <summary>The collapse keys of what waits, by its id.</summary>
    public static RedisKey WaitingKeys(string inbox) => string.Concat("inbox:{", inbox, "}:waiting-keys");

    /// <summary>Of the whole storage: a part of the index of what is due.</summary>
    public static RedisKey DueIndex(int part) => "inbox:due:" + part;

    public static RedisKey Marks(string inbox) => State(inbox, "marks");

    /// <param name="key">An inbox, or a tenant.</param>
    /// <param name="name">Of the grain state.</param>
    public static RedisKey State(string key, string name) => string.Concat("inbox:{", key, "}:", name);

    /// <summary>What was skipped; only there when something was.</summary>
    public static RedisKey Skipped(string inbox) => string.Concat("inbox:{", inbox, "}:skipped");

    /// <summary>The topics that the user may be subscribed to, with the score 0, and those that were left, with the time of that.</summary>
    public static RedisKey TopicsOf(string inbox) => string.Concat("inbox:{", inbox, "}:topics");

    /// <summary>Whether the topic is open, and the number of its last job.</summary>
    public static RedisKey Topic(string topic) => string.Concat("topic:{", topic, "}");

    /// <summary>All with the score 0, so that they lie in the order of their bytes.</summary>
    public static RedisKey Subscribers(string topic) => string.Concat("topic:{", topic, "}:subscribers");

    /// <summary>Who has left, by the time of that.</summary>
    public static RedisKey Left(string topic) => string.Concat("topic:{", topic, "}:left");

    /// <summary>The numbers of the jobs that wait.</summary>
    public static RedisKey Jobs(string topic) => string.Concat("topic:{", topic, "}:queue");

    public static RedisKey Job(string topic, long number) => string.Create(CultureInfo.InvariantCulture, $"topic:{{{topic}}}:job:{number}");

    public static RedisKey JobKey(string topic, string key) => string.Concat("topic:{", topic, "}:key:", IdempotencyHash.Text(key));

    public static RedisKey Idempotency(string inbox, string key) => IdempotencyOf(inbox, IdempotencyHash.Text(key));

    public static RedisKey IdempotencyOf(string inbox, string hash) => string.Concat("inbox:{", inbox, "}:key:", hash);

    /// <summary>Where an inbox is put together before it gets its name; it runs out when that does not happen.</summary>
    public static RedisKey Restoring(string inbox) => string.Concat("inbox:{", inbox, "}:restoring");

    /// <summary>Names nobody, so it has a hash slot of its own.</summary>
    public static RedisKey Tombstone(string hash) => "inbox:forgotten:" + hash;

    /// <returns>The inbox of one of its keys; null when it is none, but of a tenant, say.</returns>
    public static string? InboxOf(string key)
    {
        var end = key.IndexOf('}', StringComparison.Ordinal);
        return end > 0 && key.StartsWith("inbox:{", StringComparison.Ordinal) && key.AsSpan(0, end).Contains('/') ? key["inbox:{".Length..end] : null;
    }
}
