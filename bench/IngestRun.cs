using System.Diagnostics;

namespace OrleansInbox.Bench;

/// <summary>
/// A backlog in the Redis Stream that a server reads: written as fast as Redis takes it, then the time until the stream is empty. What the server took while it was being
/// written does not count.
/// </summary>
internal sealed class IngestRun(Options options) : IWorkload
{
    private static readonly TimeSpan _look = TimeSpan.FromMilliseconds(20);

    public string MainFigure => "perSecond";

    public async Task<IReadOnlyList<Sample>> Round(Target target, int round, CancellationToken stop)
    {
        var sample = new Sample();
        try
        {
            using var redis = await RedisConnection.Open(target.Redis!, options.Timeout);
            var refused = await redis.Length(options.Stream + ":refused");
            var wrote = Stopwatch.GetTimestamp();
            await redis.Send(Enumerable.Range(0, options.Entries).Select(n => Entry(n)), stop);
            sample["writtenPerSecond"] = options.Entries / Stopwatch.GetElapsedTime(wrote).TotalSeconds;
            await Drain(redis, target, sample, stop);
            sample.Failed("entry refused", await redis.Length(options.Stream + ":refused") - refused);
        }
        catch (Exception e) when (Sample.IsWire(e))
        {
            sample.Failed(e);
        }
        return [sample];
    }

    private async Task Drain(RedisConnection redis, Target target, Sample sample, CancellationToken stop)
    {
        var cpu = CpuMeter.Start(target);
        var backlog = await redis.Length(options.Stream);
        var began = Stopwatch.GetTimestamp();
        var left = backlog;
        while (left > 0 && Stopwatch.GetElapsedTime(began) < options.Timeout)
        {
            await Task.Delay(_look, stop);
            left = await redis.Length(options.Stream);
        }
        var seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        sample.Failed("entry still in the stream", left);
        sample["perSecond"] = (backlog - left) / seconds;
        sample["backlog"] = backlog;
        sample["seconds"] = seconds;
        cpu.Stop(sample, backlog - left);
    }

    private string[] Entry(int number)
    {
        var user = number % options.Users;
        return ["XADD", options.Stream, "*", "user", options.User("i", user), "notification", Requests.Notification(user, Requests.Mark(0, number))];
    }
}
