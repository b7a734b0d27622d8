using System.Globalization;
using StackExchange.Redis;

namespace OrleansInbox.Storage.Redis;

/// <summary>Whether Redis keeps what it acknowledged. By INFO, because many hosted ones refuse CONFIG; in a script, because the client has INFO for administrators only.</summary>
/// <param name="Name">For the sentences.</param>
/// <param name="Policy">The <c>maxmemory-policy</c>; null: that cannot be asked.</param>
/// <param name="HasFile">It has an append-only file, or that cannot be asked.</param>
/// <param name="Version">Null: that cannot be asked.</param>
/// <param name="MissingReplicas">So many fewer are connected than writes wait for.</param>
internal sealed record RedisDurability(string Name, string? Policy, bool HasFile, Version? Version, int MissingReplicas)
{
    private const string _script = "return redis.call('INFO')";

    /// <summary>XADD with MINID.</summary>
    private static readonly Version _needed = new(6, 2);

    /// <summary>Script flags, by which a full Redis still deletes.</summary>
    private static readonly Version _wanted = new(7, 0);

    /// <summary>Logs have a time to live, so that the <c>volatile-*</c> policies drop them too.</summary>
    public string? Evicts => Policy is null or "noeviction" ? null
        : $"{Name} has maxmemory-policy {Policy}: when its memory is full it drops notifications that were acknowledged. Set noeviction.";

    public string? ForgetsAtItsEnd => HasFile ? null : $"{Name} has no append-only file: when it ends, notifications that were acknowledged are lost. Set appendonly yes.";

    public string? TooOld => Version is null || Version >= _needed ? null : $"{Name} is of version {Version}: it cannot keep inboxes. 6.2 can, 7.0 or later is recommended.";

    public string? Old => Version is null || Version >= _wanted || Version < _needed ? null
        : $"{Name} is of version {Version}: when its memory is full, marks and most deletes are refused like publishes. 7.0 or later does them all the same.";

    public string? LacksReplicas => MissingReplicas <= 0 ? null : string.Create(CultureInfo.InvariantCulture, $"{Name} has {MissingReplicas} replica(s) fewer than Storage:WaitReplicas asks for: writes are answered 503 until it has them.");

    public IEnumerable<string> Warnings => new[] { Evicts, ForgetsAtItsEnd, TooOld, Old, LacksReplicas }.OfType<string>();

    /// <exception cref="RedisException">Hosted ones may refuse.</exception>
    public static async Task<RedisDurability> Of(IDatabase database, int waitReplicas) => Of("Redis", (string?)await database.ScriptEvaluateAsync(_script, flags: CommandFlags.DemandMaster), waitReplicas);

    /// <inheritdoc cref="Of(IDatabase, int)"/>
    /// <param name="master">Of a Redis Cluster.</param>
    public static async Task<RedisDurability> Of(IServer master, int waitReplicas) => Of($"Redis at {master.EndPoint}", (string?)await master.ExecuteAsync("EVAL", _script, 0), waitReplicas);

    internal static RedisDurability Of(string name, string? info, int waitReplicas)
    {
        var lines = info?.Split("\r\n") ?? [];
        var replicas = int.TryParse(Value("connected_slaves:"), NumberStyles.None, CultureInfo.InvariantCulture, out var connected) ? connected : waitReplicas;
        return new(name, Value("maxmemory_policy:"), Value("aof_enabled:") != "0", Version.TryParse(Value("redis_version:"), out var version) ? version : null, waitReplicas - replicas);

        string? Value(string name) => lines.FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal))?[name.Length..];
    }
}
