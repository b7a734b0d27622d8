using System.Globalization;

namespace OrleansInbox.Storage.Redis;

/// <summary>For each hash slot of a Redis Cluster a hash tag, the smallest number that lies in it: keys about the slot itself lie in it, and move with it.</summary>
internal static class RedisSlots
{
    private const int _count = 16_384;
    private static readonly Lazy<string[]> _tags = new(Find);

    public static string TagOf(int slot) => _tags.Value[slot];

    /// <summary>CRC-16/XMODEM, as the Redis Cluster specification has it.</summary>
    internal static int SlotOf(ReadOnlySpan<char> tag)
    {
        var crc = 0;
        foreach (var letter in tag)
        {
            crc ^= letter << 8;
            for (var bit = 0; bit < 8; bit++) crc = (crc & 0x8000) != 0 ? (crc << 1) ^ 0x1021 : crc << 1;
            crc &= 0xFFFF;
        }
        return crc % _count;
    }

    private static string[] Find()
    {
        var (tags, found) = (new string[_count], 0);
        for (var number = 0; found < _count; number++)
        {
            var tag = number.ToString(CultureInfo.InvariantCulture);
            ref var place = ref tags[SlotOf(tag)];
            if (place is not null) continue;
            place = tag;
            found++;
        }
        return tags;
    }
}
