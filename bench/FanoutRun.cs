using System.Diagnostics;

namespace OrleansInbox.Bench;

/// <summary>Live streams under an open-loop publish rate.</summary>
internal sealed class FanoutRun(Options options, Action<string> progress) : IWorkload
{
    private long _run = Random.Shared.NextInt64(1_000_000_000, 9_000_000_000);

    public string MainFigure => "p99Ms";

    public async Task<IReadOnlyList<Sample>> Round(Target target, int round, CancellationToken stop)
    {
        var sample = new Sample();
        var warmup = (long)(options.WarmupOf(round).TotalSeconds * options.Rate);
        var measured = (long)(options.Seconds.TotalSeconds * options.Rate);
        if (options.Count > 0) measured = Math.Min(measured, options.Count);
        var schedule = new PublishSchedule(options.Rate, warmup + measured, warmup);
        var check = new DeliveryCheck(++_run, options.Users, options.Streams, schedule, sample);
        await using (var streams = await StreamSet.Open(target, options.Streams, i => options.User("f", i % options.Users), check, options.Timeout, sample, stop))
        {
            sample["streams"] = streams.Opened;
            if (streams.Opened < options.Streams) return [sample]; // the errors say why; half a load would look like a result
            progress($"{target.Name}: {streams.Opened} streams open");
            await Task.Delay(options.Settle, stop);
            await Publish(target, schedule, check, sample, stop);
        }
        check.Report();
        return [sample];
    }

    private async Task Publish(Target target, PublishSchedule schedule, DeliveryCheck check, Sample sample, CancellationToken stop)
    {
        var templates = Enumerable.Range(0, options.Users).Select(u => Requests.Publish(target, options.User("f", u), u, Requests.Mark(_run, 0))).ToArray();
        var times = new Histogram();
        var lanes = Enumerable.Range(0, Math.Min(options.Connections, options.Users))
            .Select(_ => new PublishLane(target, number => templates[number % options.Users], schedule, check, times, sample, options.Timeout)).ToArray();
        CpuMeter? cpu = null;
        long began = 0;
        try
        {
            await Task.WhenAll(lanes.Select(lane => lane.Connect()));
        }
        catch (Exception e) when (Sample.IsWire(e))
        {
            sample.Failed(e);
            foreach (var lane in lanes) lane.Dispose();
            return;
        }
        var working = Task.WhenAll(lanes.Select(lane => lane.Work()));
        await schedule.Run(
            number => lanes[number % options.Users % lanes.Length].Send(number),
            () => (cpu, began) = (CpuMeter.Start(target), Stopwatch.GetTimestamp()),
            stop);
        var elapsed = Stopwatch.GetElapsedTime(began).TotalSeconds;
        sample["publishesPerSecond"] = schedule.Late.Count / elapsed;
        sample["deliveriesPerSecond"] = check.Measured / elapsed;
        cpu?.Stop(sample, schedule.Late.Count);
        await Drain(lanes, working, check, stop);
        sample.Times(check.Times);
        sample.Times(times, "publish");
        sample["generatorLateP99Ms"] = schedule.Late.Percentile(0.99);
        stop.ThrowIfCancellationRequested();
    }

    /// <summary>Waits for the answers, then for their events, and a moment longer for what should not come.</summary>
    private async Task Drain(PublishLane[] lanes, Task working, DeliveryCheck check, CancellationToken stop)
    {
        foreach (var lane in lanes) lane.Complete();
        await Task.WhenAny(working, Task.Delay(options.Drain, stop));
        foreach (var lane in lanes) lane.Dispose();
        await working;
        var since = Stopwatch.GetTimestamp();
        while (!check.IsComplete && Stopwatch.GetElapsedTime(since) < options.Drain && !stop.IsCancellationRequested) await Task.Delay(50, CancellationToken.None);
        await Task.Delay(200, CancellationToken.None);
    }
}
