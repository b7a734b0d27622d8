using System.Globalization;

namespace OrleansInbox.Storage.Redis;

/// <summary>The value of an idempotency key: <c>&lt;epoch&gt;-</c>, and then <c>&lt;seq&gt; &lt;createdAt&gt;[ &lt;hash&gt;]</c> of what was published, or <c>0 &lt;createdAt&gt; &lt;hash or -&gt; &lt;id&gt;</c> of what was scheduled.</summary>
internal static class RedisKnown
{
    /// <summary>Of what is scheduled: no inbox has the epoch 0.</summary>
    public static string Scheduled(long createdAt, string? hash, string id) => string.Create(CultureInfo.InvariantCulture, $"0-0 {createdAt} {hash ?? "-"} {id}");

    /// <param name="place">The value after the epoch.</param>
    public static LogOutcome Parse(string place)
    {
        var parts = place.Split(' '); // keys of earlier versions have no hash
        return new(long.Parse(parts[0], CultureInfo.InvariantCulture), DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(parts[1], CultureInfo.InvariantCulture)), Replayed: true,
            parts.Length > 2 && parts[2] != "-" ? parts[2] : null)
        {
            Scheduled = parts.Length > 3 ? parts[3] : null,
        };
    }
}
