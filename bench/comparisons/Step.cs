namespace OrleansInbox.Bench.Comparisons;

/// <summary>One measurement of a comparison: a command of the load tool, without its targets and rounds.</summary>
/// <param name="Needs">What a server must be able to do to take part.</param>
/// <param name="Fresh">Each server is started afresh before each of its rounds.</param>
internal sealed record Step(string Name, Abilities Needs, string Command, string QuickCommand, bool Fresh = false)
{
    /// <summary>In the order of the run: memory while the heaps are small, idle CPU after the load, the large inboxes at the end.</summary>
    public static readonly Step[] All =
    [
        new("connections", Abilities.Stream, "connections --streams 5000", "connections --streams 500 --settle 1", Fresh: true),
        new("publish", Abilities.Publish, "publish --connections 64 --users 1000", "publish --seconds 1 --warmup 1"),
        new("startup", Abilities.Publish, "publish --connections 64 --users 1000 --warmup 0 --seconds 15", "publish --warmup 0 --seconds 3", Fresh: true),
        new("list10", Abilities.List, "list --page first --connections 32 --entries 10", "list --page first --entries 10 --seconds 1 --warmup 1"),
        new("fanout1k", Abilities.Deliver, "fanout --streams 1000 --rate 500", "fanout --streams 100 --rate 50 --seconds 2 --warmup 1"),
        new("fanout5k", Abilities.Deliver, "fanout --streams 5000 --rate 2000", "fanout --streams 500 --rate 200 --seconds 2 --warmup 1"),
        new("idle", Abilities.Publish, "idle --seconds 20", "idle --seconds 2 --warmup 1 --settle 1"),
        new("list100k", Abilities.List, "list --page first --connections 32 --entries 100000", "list --page first --entries 1000 --seconds 1 --warmup 1")
        {
            OurSettings = ["--Inbox:Retention:MaxCount", "100000"],
        },
    ];

    /// <summary>Settings that our server needs for this step; it is started afresh when they are other than those of the step before.</summary>
    public IReadOnlyList<string> OurSettings { get; private init; } = [];
}
