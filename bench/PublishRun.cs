namespace OrleansInbox.Bench;

/// <summary>Closed loop of publishes over many inboxes, each by itself or in batches. All figures but the times are of notifications.</summary>
internal sealed class PublishRun(Options options) : IWorkload
{
    private readonly Dictionary<Target, byte[][]> _requests = [];

    public string MainFigure => "perSecond";

    public async Task<IReadOnlyList<Sample>> Round(Target target, int round, CancellationToken stop)
    {
        if (!_requests.TryGetValue(target, out var requests))
            _requests[target] = requests = [.. Enumerable.Range(0, options.Users).Chunk(options.Batch).Select(users => Request(target, users))];
        var sample = new Sample();
        var loop = new ClosedLoop(target, options.Connections, options.Timeout, (connection, turn) => requests[Place(connection, turn) % requests.Length]);
        var warmup = options.WarmupOf(round);
        await using var startup = round == 0 && warmup == TimeSpan.Zero && target.Pids.Count > 0 ? StartupMeter.Start(target.Pids[0], () => loop.Answered) : null;
        await loop.Run(sample, warmup, options.Seconds, options.Count, stop);
        sample["perSecond"] *= options.Batch;
        if (target.Pids.Count > 0) sample["serverCpuMicrosEach"] /= options.Batch;
        if (startup is not null) sample["startToHalfSeconds"] = await startup.ToHalf();
        return [sample];
    }

    private byte[] Request(Target target, int[] users) => options.Batch == 1
        ? Requests.Publish(target, options.User("p", users[0]), users[0], Requests.Mark(0, users[0]))
        : Requests.Post(target, "/v1/notifications", $$"""{"users":["{{string.Join("\",\"", users.Select(user => options.User("p", user)))}}"],"notification":{{Requests.Notification(users[0], Requests.Mark(0, users[0]))}}}""");

    /// <summary>Users in an order without a pattern that a cache or a lock could like; the same at every target.</summary>
    private int Place(int connection, int turn)
    {
        var mixed = (uint)connection * 0x9E3779B9u + (uint)turn * 0x85EBCA6Bu;
        mixed = (mixed ^ (mixed >> 15)) * 0x2C1B3C6Du;
        return (int)((mixed ^ (mixed >> 13)) % (uint)options.Users);
    }
}
