namespace OrleansInbox.Bench;

/// <summary>What one round measured at one target; <see cref="Series"/> tells apart what a verb measures side by side (first and deep page).</summary>
internal sealed class Sample(string series = "")
{
    public string Series { get; } = series;
    public OrderedDictionary<string, double> Figures { get; } = [];
    public SortedDictionary<string, long> Errors { get; } = new(StringComparer.Ordinal);

    public double this[string figure]
    {
        get => Figures[figure];
        set => Figures[figure] = value;
    }

    public void Failed(string what, long times = 1)
    {
        if (times == 0) return;
        lock (Errors) Errors[what] = Errors.GetValueOrDefault(what) + times;
    }

    public void Failed(Exception e) => Failed(Name(e));

    public void Times(Histogram times, string prefix = "")
    {
        this[Joined(prefix, "p50Ms")] = times.Percentile(0.50);
        this[Joined(prefix, "p99Ms")] = times.Percentile(0.99);
        this[Joined(prefix, "maxMs")] = times.Count == 0 ? double.NaN : times.Max;
    }

    /// <summary>What failures of the wire are called; anything else is a bug of this tool and goes up.</summary>
    public static bool IsWire(Exception e) => e is ProtocolException or IOException or System.Net.Sockets.SocketException or ObjectDisposedException;

    private static string Name(Exception e) => e switch
    {
        ProtocolException => e.Message,
        System.Net.Sockets.SocketException socket => $"socket: {socket.SocketErrorCode}",
        ObjectDisposedException => "no answer in time",
        _ => e.GetType().Name,
    };

    private static string Joined(string prefix, string name) => prefix.Length == 0 ? name : prefix + char.ToUpperInvariant(name[0]) + name[1..];
}
