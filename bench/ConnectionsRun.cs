using System.Diagnostics;

namespace OrleansInbox.Bench;

/// <summary>Server memory per idle live stream: the growth of its process trees while streams are held.</summary>
internal sealed class ConnectionsRun(Options options, Action<string> progress) : IWorkload, IStreamListener
{
    // Enough to load what the first streams load; they are closed again before the first reading.
    private const int WarmupStreams = 20;
    private Sample _sample = new();

    public string MainFigure => "pssBytesEach";

    public async Task<IReadOnlyList<Sample>> Round(Target target, int round, CancellationToken stop)
    {
        var sample = _sample = new Sample();
        await using (await Open(target, WarmupStreams, sample, stop)) { }
        if (sample.Errors.Count > 0) return [sample];
        await Task.Delay(options.Settle, stop);
        var before = ProcessTree.Memory(target.Pids);
        if (before.Pss == 0)
        {
            sample.Failed("memory of the pids cannot be read");
            return [sample];
        }
        var began = Stopwatch.GetTimestamp();
        await using (var streams = await Open(target, options.Streams, sample, stop))
        {
            sample["streams"] = streams.Opened;
            sample["openedPerSecond"] = streams.Opened / Stopwatch.GetElapsedTime(began).TotalSeconds;
            progress($"{target.Name}: {streams.Opened} streams open");
            await Task.Delay(options.Settle, stop);
            var after = ProcessTree.Memory(target.Pids);
            sample["pssBytesEach"] = (after.Pss - before.Pss) / (double)streams.Opened;
            sample["rssBytesEach"] = (after.Rss - before.Rss) / (double)streams.Opened;
            sample["pssBefore"] = before.Pss;
            sample["pssAfter"] = after.Pss;
        }
        return [sample];
    }

    private Task<StreamSet> Open(Target target, int count, Sample sample, CancellationToken stop) =>
        StreamSet.Open(target, count, i => options.User("c", i), this, options.Timeout, sample, stop);

    public void Event(int stream, ReadOnlySpan<byte> data, long at) { }

    public void Ended(int stream, Exception reason) => _sample.Failed(reason);
}
