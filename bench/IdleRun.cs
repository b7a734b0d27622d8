using System.Diagnostics;

namespace OrleansInbox.Bench;

/// <summary>CPU that a warm server uses while nobody asks it anything: publishes first, then silence, then the reading.</summary>
internal sealed class IdleRun(Options options) : IWorkload
{
    private readonly PublishRun _load = new(options with { Seconds = TimeSpan.Zero, Count = 0 });

    public string MainFigure => "idleCpuMsPerSecond";

    public async Task<IReadOnlyList<Sample>> Round(Target target, int round, CancellationToken stop)
    {
        var sample = new Sample();
        if (options.WarmupOf(round) > TimeSpan.Zero)
        {
            foreach (var load in await _load.Round(target, round, stop))
                foreach (var (what, times) in load.Errors) sample.Failed(what, times);
        }
        await Task.Delay(options.Settle, stop);
        var before = ProcessTree.CpuSeconds(target.Pids);
        var began = Stopwatch.GetTimestamp();
        await Task.Delay(options.Seconds, stop);
        var seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        var after = ProcessTree.CpuSeconds(target.Pids);
        if (after.Count == 0) sample.Failed("CPU of the pids cannot be read");
        sample["idleCpuMsPerSecond"] = ProcessTree.Used(before, after) * 1000 / seconds;
        sample["seconds"] = seconds;
        return [sample];
    }
}
