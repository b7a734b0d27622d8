using System.Globalization;
using OrleansInbox.Storage.Redis;

namespace OrleansInbox.Backups;

/// <summary>
/// When the next scheduled backup is due, and whose it is. With Redis a key there says it, which lasts until the next one is due: one member of a cluster makes it,
/// and another one when that dies. Without Redis there is one process, and the newest file says it.
/// </summary>
internal sealed class BackupTurn(BackupOptions options, TimeProvider time, RedisConnection? redis)
{
    private const string _prefix = "inbox-";
    private const string _suffix = ".ndjson.gz";
    private const string _timeFormat = "yyyyMMdd'T'HHmmss'Z'";

    /// <summary>After that without a sign of life the one who makes a backup is dead.</summary>
    private static readonly TimeSpan _lease = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan _longestRetry = TimeSpan.FromMinutes(10);

    private string _holder = "";
    private DateTimeOffset _notBefore;

    /// <summary>The file that is due now.</summary>
    /// <returns>Null when none is, or another member makes it.</returns>
    public async Task<string?> Take()
    {
        var now = time.GetUtcNow();
        if (now < _notBefore) return null;
        if (redis is null && Files() is [.., var newest] && TimeOf(newest) is var last && last <= now && now - last < options.Every) return null;
        _holder = RandomId.New(bytes: 9); // another one each time: what was held for the last backup is held against this one
        return await Hold(_lease) ? Path.Combine(options.Path!, _prefix + now.ToString(_timeFormat, CultureInfo.InvariantCulture) + _suffix) : null;
    }

    /// <summary>To be told at least once a minute.</summary>
    public Task Renew() => Hold(_lease);

    /// <param name="started">When the backup began.</param>
    public Task Done(DateTimeOffset started) => Hold(options.Every!.Value - (time.GetUtcNow() - started) is var rest && rest > TimeSpan.FromSeconds(1) ? rest : TimeSpan.FromSeconds(1));

    /// <summary>It is tried again soon, by whoever is first.</summary>
    public async Task Failed()
    {
        var pause = options.Every < _longestRetry ? options.Every.Value : _longestRetry;
        _notBefore = time.GetUtcNow() + pause;
        await Hold(pause);
    }

    /// <summary>Those that are complete, the oldest first.</summary>
    public string[] Files()
    {
        if (!Directory.Exists(options.Path)) return [];
        var files = Directory.GetFiles(options.Path, $"{_prefix}*{_suffix}").Where(file => TimeOf(file) is not null).ToArray();
        Array.Sort(files, StringComparer.Ordinal);
        return files;
    }

    /// <summary>What backups left that were killed.</summary>
    public string[] Parts() => Directory.Exists(options.Path) ? Directory.GetFiles(options.Path, $"{_prefix}*{_suffix}{BackupWriter.PartSuffix}") : [];

    private async Task<bool> Hold(TimeSpan duration)
    {
        if (redis is null) return true;
        return (await redis.Read(redis.WhenFull(RedisScript.Lease), [RedisKeys.Backup], [_holder, (long)duration.TotalMilliseconds, ""])).IsNull;
    }

    private static DateTimeOffset? TimeOf(string file)
    {
        var name = Path.GetFileName(file)[_prefix.Length..^_suffix.Length];
        return DateTimeOffset.TryParseExact(name, _timeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at : null;
    }
}
