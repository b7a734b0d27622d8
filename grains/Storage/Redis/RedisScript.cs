namespace OrleansInbox.Storage.Redis;

/// <summary>The embedded <c>.lua</c> files. The client sends a script's hash, and its text to a Redis that does not know it yet.</summary>
internal static class RedisScript
{
    public static readonly string Append = Read("append.lua");
    public static readonly string Open = Read("open.lua");
    public static readonly string Delete = Read("delete.lua");
    public static readonly string Erase = Read("erase.lua");
    public static readonly string Skip = Read("skip.lua");
    public static readonly string History = Read("history.lua");

    private static string Read(string file)
    {
        using var reader = new StreamReader(typeof(RedisScript).Assembly.GetManifestResourceStream(file)
            ?? throw new InvalidOperationException($"{file} is not embedded in {typeof(RedisScript).Assembly.GetName().Name}."));
        return reader.ReadToEnd();
    }
}
