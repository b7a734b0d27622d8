using System.Diagnostics;

namespace OrleansInbox.Bench;

/// <summary>
/// Clients that ask one inbox for a type that it does not have, so that all it keeps is read each time; how others' first lists fare meanwhile, and what the
/// server still does once the last of those clients has gone.
/// </summary>
internal sealed class ScanRun(Options options, Action<string> progress) : IWorkload
{
    /// <summary>Lists of inboxes that are in nobody's memory yet.</summary>
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(125);

    private readonly HashSet<Target> _filled = [];
    private int _others;

    public string MainFigure => "otherP50Ms";

    public async Task<IReadOnlyList<Sample>> Round(Target target, int round, CancellationToken stop)
    {
        var sample = new Sample();
        var inboxes = new Inboxes(target, options, progress);
        try
        {
            if (!_filled.Contains(target)) await inboxes.Fill(stop);
            _filled.Add(target);
            sample.Times(await Others(target, sample, Task.Delay(options.Seconds / 2, stop)), "alone");
            var cpu = CpuMeter.Start(target);
            var scans = Task.WhenAll(Enumerable.Range(0, options.Connections).Select(_ => Task.Run(() => Scan(target, inboxes.Users[0], sample, stop), stop)));
            sample.Times(await Others(target, sample, scans), "other");
            await scans;
            cpu.Stop(sample, 0);
        }
        catch (Exception e) when (Sample.IsWire(e))
        {
            sample.Failed(e);
            return [sample];
        }
        sample.Figures.Remove("serverCpuMicrosEach");
        var before = ProcessTree.CpuSeconds(target.Pids);
        var began = Stopwatch.GetTimestamp();
        await Task.Delay(options.Settle, stop);
        sample["afterwardsCores"] = ProcessTree.Used(before, ProcessTree.CpuSeconds(target.Pids)) / Stopwatch.GetElapsedTime(began).TotalSeconds;
        sample["kept"] = options.Entries;
        return [sample];
    }

    /// <summary>Asks until time is up and then goes, also from what is under way.</summary>
    private async Task Scan(Target target, string user, Sample sample, CancellationToken stop)
    {
        var request = Requests.Filtered(target, user);
        var began = Stopwatch.GetTimestamp();
        while (options.Seconds - Stopwatch.GetElapsedTime(began) is { Ticks: > 0 } left)
        {
            using var connection = await HttpConnection.Open(target, options.Timeout);
            try
            {
                var status = await connection.Exchange(request).AsTask().WaitAsync(left, stop);
                var figure = status is >= 200 and <= 299 ? "answered" : status is 429 or 503 ? $"refused{status}" : null;
                if (figure is null) sample.Failed($"status {status}");
                else lock (sample) sample[figure] = sample.Figures.GetValueOrDefault(figure) + 1;
            }
            catch (TimeoutException)
            {
                return;
            }
        }
    }

    private async Task<Histogram> Others(Target target, Sample sample, Task until)
    {
        var times = new Histogram();
        using var connection = await HttpConnection.Open(target, options.Timeout);
        while (!until.IsCompleted)
        {
            var request = Requests.List(target, options.User("other", Interlocked.Increment(ref _others)), options.Limit, before: null);
            var sent = Stopwatch.GetTimestamp();
            var status = await connection.Exchange(request);
            if (status == 200) times.RecordTicks(Stopwatch.GetTimestamp() - sent);
            else sample.Failed($"status {status}");
            await Task.WhenAny(until, Task.Delay(_pause, CancellationToken.None));
        }
        return times;
    }
}
