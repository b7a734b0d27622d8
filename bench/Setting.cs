namespace OrleansInbox.Bench;

/// <summary>One numeric option: where it applies (a default per verb), its range, and the line that --help shows.</summary>
internal sealed record Setting(string Name, double Min, double Max, string Help, double? Publish = null, double? Fanout = null, double? List = null, double? Connections = null, double? Idle = null, double? Ingest = null, double? Scan = null, double? Soak = null, double? Topics = null)
{
    public static readonly Setting[] All =
    [
        new("connections", 1, 4096, "keep-alive connections that carry the requests", Publish: 64, Fanout: 64, List: 32, Idle: 64, Scan: 20, Soak: 4),
        new("users", 1, 1_000_000, "inboxes that are used (fanout: default is one per stream)", Publish: 1000, Fanout: 0, List: 4, Idle: 1000, Ingest: 1000, Scan: 1, Soak: 1000, Topics: 100_000),
        new("streams", 1, 100_000, "live streams that are held open", Fanout: 1000, Connections: 5000, Soak: 60),
        new("rate", 1, 1_000_000, "publishes per second (soak: requests), sent by the clock and not by the answers", Fanout: 500, Soak: 100),
        new("entries", 1, 10_000_000, "notifications kept per inbox; what is missing is published first (ingest: written to the stream)", List: 10, Ingest: 100_000, Scan: 600),
        new("batch", 1, 1_000, "users of one request", Publish: 1),
        new("limit", 1, 100, "entries per page", List: 20, Scan: 20),
        new("seconds", 0.1, 3600, "measured seconds per round", Publish: 10, Fanout: 10, List: 5, Idle: 20, Scan: 12, Soak: 1800),
        new("count", 0, 1_000_000_000, "end a round after so many requests; 0: by time alone", Publish: 0, Fanout: 0, List: 0),
        new("warmup", 0, 600, "seconds before the first round (1 s before the others)", Publish: 8, Fanout: 5, List: 5, Idle: 8),
        new("settle", 0, 600, "seconds to wait once the streams are open (idle: after the warm-up; scan: that are looked at afterwards)", Fanout: 1, Connections: 5, Idle: 5, Scan: 5),
        new("drain", 0, 600, "seconds to wait for deliveries after the last publish", Fanout: 5),
        new("rounds", 1, 99, "rounds; the targets take turns within each", 3, 3, 3, 1, 3, 3, 3, 1, 3),
        new("timeout", 0.1, 600, "seconds that a connect or an answer may take (ingest: the stream to be empty, topics: the job to be done)", 10, 10, 10, 10, 10, 120, 10, 10, 120),
        new("threads", 1, 64, "socket threads of the generator", 1, 1, 1, 1, 1, 1, 1, 1, 1),
    ];

    public double? DefaultOf(Verb verb) => verb switch
    {
        Verb.Publish => Publish,
        Verb.Fanout => Fanout,
        Verb.List => List,
        Verb.Connections => Connections,
        Verb.Idle => Idle,
        Verb.Ingest => Ingest,
        Verb.Scan => Scan,
        Verb.Topics => Topics,
        _ => Soak,
    };
}
