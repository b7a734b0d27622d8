using StackExchange.Redis;

namespace OrleansInbox.Storage.Redis;

/// <summary>Whether Redis keeps what it acknowledged. By INFO, because many hosted ones refuse CONFIG; in a script, because the client has INFO for administrators only.</summary>
/// <param name="Policy">The <c>maxmemory-policy</c>; null: that cannot be asked.</param>
/// <param name="HasFile">It has an append-only file, or that cannot be asked.</param>
internal sealed record RedisDurability(string? Policy, bool HasFile)
{
    /// <summary>Logs have a time to live, so that the <c>volatile-*</c> policies drop them too.</summary>
    public string? Evicts => Policy is null or "noeviction" ? null
        : $"Redis has maxmemory-policy {Policy}: when its memory is full it drops notifications that were acknowledged. Set noeviction.";

    public string? ForgetsAtItsEnd => HasFile ? null : "Redis has no append-only file: when it ends, notifications that were acknowledged are lost. Set appendonly yes.";

    public IEnumerable<string> Warnings => new[] { Evicts, ForgetsAtItsEnd }.OfType<string>();

    /// <exception cref="RedisException">Hosted ones may refuse.</exception>
    public static async Task<RedisDurability> Of(IDatabase database)
    {
        var info = ((string?)await database.ScriptEvaluateAsync("return redis.call('INFO')"))?.Split("\r\n") ?? [];
        return new(Value("maxmemory_policy:"), Value("aof_enabled:") != "0");

        string? Value(string name) => info.FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal))?[name.Length..];
    }
}
