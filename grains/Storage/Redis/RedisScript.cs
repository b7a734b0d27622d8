namespace OrleansInbox.Storage.Redis;

/// <summary>The embedded <c>.lua</c> files. The client sends a script's hash, and its text to a Redis that does not know it yet.</summary>
internal static class RedisScript
{
    public static readonly string Append = Read("append.lua");
    public static readonly string Open = "local history\n" + Read("open.lua");

    /// <summary>Where a replica may take over at any time: asks on the way what <see cref="History"/> tells.</summary>
    public static readonly string OpenWithHistory = "local function history(KEYS)\n" + Read("history.lua") + "end\n" + Read("open.lua");
    public static readonly FullScript Delete = new(Read("delete.lua"));
    public static readonly FullScript Erase = new(Read("erase.lua"));
    public static readonly FullScript Lease = new(Read("lease.lua"));
    public static readonly FullScript State = new(Read("state.lua"));
    public static readonly FullScript Ingest = new(Read("ingest.lua"));
    public static readonly string Skip = Read("skip.lua");
    public static readonly string History = Read("history.lua");
    public static readonly FullScript Forget = new(Read("forget.lua"));
    public static readonly FullScript Tombstone = new(Read("tombstone.lua"));
    public static readonly string Schedule = Read("schedule.lua");
    public static readonly string Snooze = Read("snooze.lua");
    public static readonly string Waiting = Read("waiting.lua");
    public static readonly FullScript Replace = new(Read("replace.lua"));
    public static readonly FullScript Withdraw = new(Read("withdraw.lua"));
    public static readonly FullScript Due = new(Read("due.lua"));
    public static readonly FullScript Subscribe = new(Read("subscribe.lua"));
    public static readonly FullScript TopicsOf = new(Read("topics-of.lua"));
    public static readonly FullScript OpenTopic = new(Read("open-topic.lua"));
    public static readonly FullScript ForgetInTopic = new(Read("forget-in-topic.lua"));
    public static readonly string AddJob = Read("add-job.lua");
    public static readonly FullScript AdvanceJob = new(Read("advance-job.lua"));
    public static readonly string Left = Read("left.lua");
    public static readonly string Archive = Read("archive.lua");
    public static readonly string Restore = Read("restore.lua");
    public static readonly string RestoreKey = Read("restore-key.lua");

    /// <summary>A script that a full Redis is to do all the same.</summary>
    /// <param name="Text">For Redis before 7, which does what frees memory before it writes, and nothing else.</param>
    public sealed record FullScript(string Text)
    {
        /// <summary>Redis 7 and later: <c>redis.io/docs/latest/develop/programmability/eval-intro/#script-flags</c>.</summary>
        public string WithFlags { get; } = "#!lua flags=allow-oom\n" + Text;
    }

    private static string Read(string file)
    {
        using var reader = new StreamReader(typeof(RedisScript).Assembly.GetManifestResourceStream(file)
            ?? throw new InvalidOperationException($"{file} is not embedded in {typeof(RedisScript).Assembly.GetName().Name}."));
        return reader.ReadToEnd();
    }
}
