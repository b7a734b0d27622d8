using System.Diagnostics;

namespace OrleansInbox.Bench;

/// <summary>CPU time of the generator and of a target's processes over a stretch of time.</summary>
internal sealed class CpuMeter
{
    private readonly Target _target;
    private readonly Dictionary<int, double> _server;
    private readonly TimeSpan _generator;
    private readonly long _since;

    private CpuMeter(Target target)
    {
        _target = target;
        _server = ProcessTree.CpuSeconds(target.Pids);
        _generator = Environment.CpuUsage.TotalTime;
        _since = Stopwatch.GetTimestamp();
    }

    public static CpuMeter Start(Target target) => new(target);

    /// <summary>Writes the cores that were in use since the start, and CPU time per <paramref name="done"/> thing.</summary>
    public void Stop(Sample sample, long done)
    {
        var seconds = Stopwatch.GetElapsedTime(_since).TotalSeconds;
        var generator = (Environment.CpuUsage.TotalTime - _generator).TotalSeconds;
        sample["generatorCores"] = generator / seconds;
        if (_target.Pids.Count == 0) return;
        var server = ProcessTree.Used(_server, ProcessTree.CpuSeconds(_target.Pids));
        sample["serverCores"] = server / seconds;
        sample["serverCpuMicrosEach"] = done == 0 ? double.NaN : server * 1e6 / done;
    }
}
