namespace OrleansInbox.Bench;

internal enum Verb { Publish, Fanout, List, Connections, Idle, Ingest, Scan, Soak, Topics }

/// <summary>What one invocation measures; defaults, ranges and meanings stand in <see cref="OptionsReader"/>.</summary>
internal sealed record Options
{
    public required Verb Verb { get; init; }
    public required IReadOnlyList<Target> Targets { get; init; }
    public string? RatioTo { get; init; }
    public string Prefix { get; init; } = "bench";
    public string Stream { get; init; } = "inbox-in:{default}:0";
    public IReadOnlyList<string> Pages { get; init; } = ["first", "deep"];
    public int Connections { get; init; }
    public int Users { get; init; }
    public int Streams { get; init; }
    public int Rate { get; init; }
    public int Entries { get; init; }

    /// <summary>Users of one publish request; 1: not as a batch.</summary>
    public int Batch { get; init; }
    public int Limit { get; init; }
    public long Count { get; init; }
    public int Rounds { get; init; }
    public int Threads { get; init; }
    public TimeSpan Seconds { get; init; }
    public TimeSpan Warmup { get; init; }
    public TimeSpan Settle { get; init; }
    public TimeSpan Drain { get; init; }
    public TimeSpan Timeout { get; init; }

    /// <summary>The first round meets a cold server; later ones only have to get going again.</summary>
    public TimeSpan WarmupOf(int round) => round == 0 || Warmup < TimeSpan.FromSeconds(1) ? Warmup : TimeSpan.FromSeconds(1);

    /// <summary>The name of the <paramref name="index"/>-th user of a verb; plain ASCII, so it stands in a path as it is.</summary>
    public string User(string kind, int index) => $"{Prefix}-{kind}-{index}";
}
