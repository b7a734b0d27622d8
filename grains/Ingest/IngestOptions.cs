namespace OrleansInbox.Ingest;

/// <summary>Section <c>Ingest</c> of the configuration: Redis Streams that publishers write to instead of calling HTTP. The same for all silos.</summary>
public sealed record IngestOptions
{
    private const int MaxStreams = 64;

    /// <summary>Their names, <c>inbox-in:{tenant}:name</c> (0–64). None: nothing is read.</summary>
    public IReadOnlyList<string> Streams { get; init; } = [];

    /// <summary>Entries that a reader takes at once, about; it takes more when all of them are done (1–1,000).</summary>
    public int Batch { get; init; } = 500;

    /// <summary>Inboxes that a reader appends to side by side; the others wait (1–1,000).</summary>
    public int UnderWay { get; init; } = 64;

    /// <summary>The longest pause between two looks at an empty stream, and so the longest that an entry waits there (5 ms–10 s).</summary>
    public TimeSpan Poll { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Entries that are kept of those refused, the newest, about; older ones are dropped (100–10,000,000).</summary>
    public int RefusedLength { get; init; } = 10_000;

    public static IngestOptions Read(SettingsReader settings, TopologyOptions topology)
    {
        var defaults = new IngestOptions();
        settings.OnlyKnown("Ingest", nameof(Streams), nameof(Batch), nameof(UnderWay), nameof(Poll), nameof(RefusedLength));
        return new()
        {
            Streams = StreamsOf(settings, topology),
            Batch = settings.Number("Ingest:Batch", defaults.Batch, 1, 1_000),
            UnderWay = settings.Number("Ingest:UnderWay", defaults.UnderWay, 1, 1_000),
            Poll = settings.Time("Ingest:Poll", defaults.Poll, TimeSpan.FromMilliseconds(5), TimeSpan.FromSeconds(10)),
            RefusedLength = settings.Number("Ingest:RefusedLength", defaults.RefusedLength, 100, 10_000_000),
        };
    }

    private static List<string> StreamsOf(SettingsReader settings, TopologyOptions topology)
    {
        var streams = new List<string>();
        if (settings.Text("Ingest:Streams") is not null) settings.Violation("Ingest:Streams is a list: Ingest:Streams:0, Ingest:Streams:1, ….");
        foreach (var member in settings.Members("Ingest:Streams"))
        {
            if (settings.Text(member) is not { } name) continue;
            if (IngestStream.Parse(name) is null) settings.Violation($"{member} has to be the name of a Redis Stream: {IngestStream.Form}.");
            else if (streams.Contains(name, StringComparer.Ordinal)) settings.Violation($"{member} is the same stream as another one.");
            streams.Add(name);
        }
        if (streams.Count > MaxStreams) settings.Violation($"Ingest:Streams has at most {MaxStreams} streams.");
        if (streams.Count > 0 && topology.Redis is null) settings.Violation("Ingest:Streams needs ConnectionStrings:Redis (host:port): the streams are read there, and the inboxes are kept there too.");
        if (streams.Count > 0 && topology.Role == ClusterRole.Client) settings.Violation("Ingest:Streams is a setting of silos, which read them: a front-end alone (Cluster:Role Client) does not.");
        return streams;
    }
}
