using System.Text;

namespace OrleansInbox.Fuzz;

/// <summary>Chance, the same for the same seed and number.</summary>
internal sealed class Dice(int seed, long number)
{
    private readonly Random _random = new(unchecked((int)((seed * 2_654_435_761L) ^ (number * 40_503L) ^ (number >> 16))));

    public int Below(int limit) => _random.Next(limit);

    /// <summary>True once in so many times.</summary>
    public bool OnceIn(int times) => _random.Next(times) == 0;

    public T Of<T>(params ReadOnlySpan<T> choices) => choices[_random.Next(choices.Length)];

    public byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        _random.NextBytes(bytes);
        return bytes;
    }

    /// <summary>One char for each byte, any of the 256.</summary>
    public string Junk(int longest) => Encoding.Latin1.GetString(Bytes(1 + Below(longest)));

    public string Word(int longest) => string.Create(1 + Below(longest), this, static (word, dice) =>
    {
        foreach (ref var letter in word) letter = (char)('a' + dice.Below(26));
    });

    /// <summary>The same text with a few chars removed, doubled or replaced.</summary>
    public string Damage(string text)
    {
        var damaged = new StringBuilder(text);
        for (var times = 1 + Below(4); times > 0 && damaged.Length > 0; times--)
        {
            var place = Below(damaged.Length);
            switch (Below(3))
            {
                case 0: damaged.Remove(place, 1); break;
                case 1: damaged.Insert(place, damaged[place]); break;
                default: damaged[place] = (char)Below(256); break;
            }
        }
        return damaged.ToString();
    }
}
