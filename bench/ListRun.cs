namespace OrleansInbox.Bench;

/// <summary>Closed loop over the first and over a deep page of inboxes that keep a known number of entries.</summary>
internal sealed class ListRun(Options options, Action<string> progress) : IWorkload
{
    private readonly Dictionary<Target, Inboxes?> _filled = [];

    public string MainFigure => "perSecond";

    public async Task<IReadOnlyList<Sample>> Round(Target target, int round, CancellationToken stop)
    {
        var samples = options.Pages.Select(page => new Sample(page)).ToList();
        if (!_filled.TryGetValue(target, out var inboxes) || inboxes is null)
        {
            inboxes = new Inboxes(target, options, progress);
            try
            {
                await inboxes.Fill(stop);
                _filled[target] = inboxes;
            }
            catch (Exception e) when (Sample.IsWire(e))
            {
                foreach (var sample in samples) sample.Failed(e);
                return samples;
            }
        }
        foreach (var sample in samples)
        {
            var requests = Enumerable.Range(0, options.Users)
                .Select(u => Requests.List(target, inboxes.Users[u], options.Limit, sample.Series == "deep" ? inboxes.Deep[u] : null)).ToArray();
            var loop = new ClosedLoop(target, options.Connections, options.Timeout, (connection, turn) => requests[(connection + turn) % requests.Length]);
            await loop.Run(sample, options.WarmupOf(round), options.Seconds, options.Count, stop);
            sample["kept"] = options.Entries;
        }
        return samples;
    }
}
