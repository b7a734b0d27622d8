using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace OrleansInbox.Bench;

/// <summary>A server under test: where it is, the header that it wants to see, and the processes that do its work.</summary>
internal sealed record Target(string Name, IPEndPoint Address, string Host, string? Authorization, IReadOnlyList<int> Pids, IPEndPoint? Redis = null)
{
    private static readonly string[] Keys = ["auth", "pids", "redis"];

    // The record's own text would show the credentials.
    public override string ToString() => $"{Name} (http://{Host})";

    /// <summary><c>name=url[,auth=Header value][,pids=1,2][,redis=address:port]</c>; a part without a known key continues the one before, so values may hold commas.</summary>
    public static Target? Parse(string text, out string mistake)
    {
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        if (equals <= 0) { mistake = $"'{text}' is not NAME=URL"; return null; }
        var values = new Dictionary<string, string>();
        var key = "url";
        foreach (var part in text[(equals + 1)..].Split(','))
        {
            var known = Array.Find(Keys, k => part.StartsWith(k + "=", StringComparison.Ordinal));
            if (known is not null) values[key = known] = part[(known.Length + 1)..];
            else values[key] = values.TryGetValue(key, out var before) ? $"{before},{part}" : part;
        }
        mistake = "";
        if (Endpoint(values.GetValueOrDefault("url") ?? "", out var host, ref mistake) is not { } address) return null;
        var authorization = Header(values.GetValueOrDefault("auth"), ref mistake);
        var pids = Numbers(values.GetValueOrDefault("pids"), ref mistake);
        var redis = values.GetValueOrDefault("redis") is { } of ? Endpoint($"http://{of}", out _, ref mistake) : null;
        return mistake.Length == 0 ? new Target(text[..equals], address, host, authorization, pids, redis) : null;
    }

    private static IPEndPoint? Endpoint(string url, out string host, ref string mistake)
    {
        host = "";
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Scheme != "http" || uri.PathAndQuery != "/")
        {
            mistake = $"'{url}' is not http://HOST[:PORT] (no TLS, no path)";
            return null;
        }
        host = uri.Authority;
        try
        {
            var addresses = Dns.GetHostAddresses(uri.DnsSafeHost);
            return new IPEndPoint(Array.Find(addresses, a => a.AddressFamily == AddressFamily.InterNetwork) ?? addresses[0], uri.Port);
        }
        catch (SocketException e)
        {
            mistake = $"'{uri.DnsSafeHost}': {e.Message}";
            return null;
        }
    }

    private static string? Header(string? text, ref string mistake)
    {
        if (text is null) return null;
        try
        {
            // From a file it does not show up in the list of processes.
            var value = text.StartsWith('@') ? File.ReadLines(text[1..]).FirstOrDefault("").Trim() : text;
            if (value.Length > 0 && value.All(c => c is >= ' ' and <= '~')) return value;
            mistake = "auth is empty or has characters that a header cannot carry";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            mistake = $"auth: {e.Message}";
        }
        return null;
    }

    private static List<int> Numbers(string? text, ref string mistake)
    {
        var pids = new List<int>();
        foreach (var part in (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            if (int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var pid) && Directory.Exists($"/proc/{pid}")) pids.Add(pid);
            else mistake = $"pids: '{part}' is no running process";
        }
        return pids;
    }
}
