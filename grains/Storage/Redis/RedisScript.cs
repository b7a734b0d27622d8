using System.Security.Cryptography;
using System.Text;
using StackExchange.Redis;

namespace OrleansInbox.Storage.Redis;

/// <summary>The embedded <c>.lua</c> files.</summary>
internal sealed class RedisScript(string text)
{
    public static readonly RedisScript Append = new(Read("append.lua"));
    public static readonly RedisScript Open = new("local history\n" + Read("open.lua"));

    /// <summary>Where a replica may take over at any time: asks on the way what <see cref="History"/> tells.</summary>
    public static readonly RedisScript OpenWithHistory = new("local function history(KEYS)\n" + Read("history.lua") + "end\n" + Read("open.lua"));
    public static readonly FullScript Delete = new(Read("delete.lua"));
    public static readonly FullScript Erase = new(Read("erase.lua"));
    public static readonly FullScript Lease = new(Read("lease.lua"));
    public static readonly FullScript State = new(Read("state.lua"));
    public static readonly FullScript Ingest = new(Read("ingest.lua"));
    public static readonly RedisScript Skip = new(Read("skip.lua"));
    public static readonly RedisScript History = new(Read("history.lua"));
    public static readonly FullScript Forget = new(Read("forget.lua"));
    public static readonly FullScript Tombstone = new(Read("tombstone.lua"));
    public static readonly RedisScript Schedule = new(Read("schedule.lua"));
    public static readonly RedisScript Snooze = new(Read("snooze.lua"));
    public static readonly RedisScript Waiting = new(Read("waiting.lua"));
    public static readonly FullScript Replace = new(Read("replace.lua"));
    public static readonly FullScript Withdraw = new(Read("withdraw.lua"));
    public static readonly FullScript Due = new(Read("due.lua"));
    public static readonly FullScript Subscribe = new(Read("subscribe.lua"));
    public static readonly FullScript TopicsOf = new(Read("topics-of.lua"));
    public static readonly FullScript OpenTopic = new(Read("open-topic.lua"));
    public static readonly FullScript ForgetInTopic = new(Read("forget-in-topic.lua"));
    public static readonly RedisScript AddJob = new(Read("add-job.lua"));
    public static readonly FullScript AdvanceJob = new(Read("advance-job.lua"));
    public static readonly RedisScript ReadStates = new(Read("read-states.lua"));
    public static readonly RedisScript Left = new(Read("left.lua"));
    public static readonly RedisScript Archive = new(Read("archive.lua"));
    public static readonly RedisScript Restore = new(Read("restore.lua"));
    public static readonly RedisScript RestoreKey = new(Read("restore-key.lua"));

#pragma warning disable CA5350 // by which Redis knows scripts
    private readonly byte[] _hash = SHA1.HashData(Encoding.UTF8.GetBytes(text));
#pragma warning restore CA5350

    /// <summary>Sends the hash, and the text to a Redis that does not know it yet. (The client would hash the text for each call, to look up whether it has sent it.)</summary>
    public async Task<RedisResult> Evaluate(IDatabase database, RedisKey[] keys, RedisValue[] values)
    {
        try
        {
            return await database.ScriptEvaluateAsync(_hash, keys, values, CommandFlags.DemandMaster).ConfigureAwait(false);
        }
        catch (RedisServerException unknown) when (unknown.Message.StartsWith("NOSCRIPT", StringComparison.Ordinal))
        {
            return await database.ScriptEvaluateAsync(text, keys, values, CommandFlags.DemandMaster).ConfigureAwait(false);
        }
    }

    /// <summary>A script that a full Redis is to do all the same.</summary>
    public sealed class FullScript(string text)
    {
        /// <summary>For Redis before 7, which does what frees memory before it writes, and nothing else.</summary>
        public RedisScript Plain { get; } = new(text);

        /// <summary>Redis 7 and later: <c>redis.io/docs/latest/develop/programmability/eval-intro/#script-flags</c>.</summary>
        public RedisScript WithFlags { get; } = new("#!lua flags=allow-oom\n" + text);
    }

    private static string Read(string file)
    {
        using var reader = new StreamReader(typeof(RedisScript).Assembly.GetManifestResourceStream(file)
            ?? throw new InvalidOperationException($"{file} is not embedded in {typeof(RedisScript).Assembly.GetName().Name}."));
        return reader.ReadToEnd();
    }
}
