using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using StackExchange.Redis;

namespace OrleansInbox.Storage.Redis;

/// <summary>The keys of an inbox, all in one hash slot.</summary>
internal static class RedisKeys
{
    /// <summary>Of the whole storage: what <c>history.lua</c> keeps.</summary>
    public static readonly RedisKey Storage = "inbox:storage";

    /// <summary>Whose the whole storage is: <c>lease.lua</c>.</summary>
    public static readonly RedisKey Server = "inbox:server";

    public static RedisKey Log(string inbox) => string.Concat("inbox:{", inbox, "}:log");

    public static RedisKey Expiries(string inbox) => string.Concat("inbox:{", inbox, "}:exp");

    public static RedisKey Marks(string inbox) => string.Concat("inbox:{", inbox, "}:marks");

    /// <summary>What was skipped; only there when something was.</summary>
    public static RedisKey Skipped(string inbox) => string.Concat("inbox:{", inbox, "}:skipped");

    /// <summary>Short and of harmless characters, whatever the caller wrote.</summary>
    public static RedisKey Idempotency(string inbox, string key)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(key), hash);
        return string.Concat("inbox:{", inbox, "}:key:", Base64Url.EncodeToString(hash));
    }
}
