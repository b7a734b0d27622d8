using System.Security.Cryptography;
using System.Text;

namespace OrleansInbox.Storage.Redis;

/// <summary>An embedded <c>.lua</c> file and the hash that Redis knows it by.</summary>
internal sealed class RedisScript
{
    public static readonly RedisScript Append = new("append.lua");
    public static readonly RedisScript Open = new("open.lua");
    public static readonly RedisScript Delete = new("delete.lua");
    public static readonly RedisScript Erase = new("erase.lua");

    private RedisScript(string file)
    {
        using var reader = new StreamReader(typeof(RedisScript).Assembly.GetManifestResourceStream(file)
            ?? throw new InvalidOperationException($"{file} is not embedded in {typeof(RedisScript).Assembly.GetName().Name}."));
        Text = reader.ReadToEnd();
#pragma warning disable CA5350 // EVALSHA names scripts by their SHA-1; nothing is secured by it
        Hash = SHA1.HashData(Encoding.UTF8.GetBytes(Text));
#pragma warning restore CA5350
    }

    public string Text { get; }

    public byte[] Hash { get; }
}
