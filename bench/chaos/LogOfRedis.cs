namespace OrleansInbox.Chaos;

/// <summary>Reads inboxes where they are stored, past everything that is under test.</summary>
/// <param name="ports">Of one Redis, or of all nodes of a Redis Cluster.</param>
internal sealed class LogOfRedis(IReadOnlyList<int> ports) : IDisposable
{
    private readonly RedisClient[] _nodes = [.. ports.Select(port => new RedisClient(port))];

    public LogEntry[] Read(string user)
    {
        InvalidOperationException? moved = null;
        foreach (var node in _nodes)
        {
            try
            {
                return [.. ((object[])node.Ask("XRANGE", $"inbox:{{default/{user}}}:log", "-", "+")!).Select(entry => Of((object[])entry))];
            }
            catch (InvalidOperationException elsewhere) when (elsewhere.Message.Contains("MOVED", StringComparison.Ordinal))
            {
                moved = elsewhere;
            }
        }
        throw moved!;
    }

    public void Dispose()
    {
        foreach (var node in _nodes) node.Dispose();
    }

    private static LogEntry Of(object[] entry)
    {
        var fields = (object[])entry[1];
        var at = Array.IndexOf(fields, "w");
        return new((string)entry[0], at < 0 ? "" : (string)fields[at + 1]);
    }
}
