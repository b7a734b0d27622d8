using System.Diagnostics;

namespace OrleansInbox.Bench;

/// <summary>How long a process that was just started needs until it answers at half of its steady rate: the count of answers is read every 100 ms while the round runs.</summary>
internal sealed class StartupMeter : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    /// <summary>Readings that a rate spans: three intervals, 300 ms. A shorter window would take one burst for the rate.</summary>
    private const int Window = 3;

    private readonly CancellationTokenSource _stop = new();
    private readonly List<(double Seconds, long Answered)> _readings = [];
    private readonly Task _reading;

    private StartupMeter(double age, Func<long> answered) => _reading = Read(age, Stopwatch.GetTimestamp(), answered);

    /// <param name="pid">The process whose start is the zero of the time.</param>
    public static StartupMeter Start(int pid, Func<long> answered) => new(ProcessTree.AgeSeconds(pid), answered);

    /// <returns>Seconds from the start of the process, or NaN when nothing was answered.</returns>
    public async Task<double> ToHalf()
    {
        await DisposeAsync();
        return ToHalf(_readings);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _reading;
    }

    /// <summary>The end of the first window whose rate is at least half of the steady rate, the median rate of the last third.</summary>
    internal static double ToHalf(IReadOnlyList<(double Seconds, long Answered)> readings)
    {
        if (readings.Count <= Window) return double.NaN;
        var rates = readings.Skip(Window).Select((r, i) => (r.Seconds, PerSecond: (r.Answered - readings[i].Answered) / (r.Seconds - readings[i].Seconds))).ToArray();
        var lastThird = readings[0].Seconds + (readings[^1].Seconds - readings[0].Seconds) * 2 / 3;
        var late = rates.Where(r => r.Seconds >= lastThird).Select(r => r.PerSecond).Order().ToArray();
        var steady = (late[(late.Length - 1) / 2] + late[late.Length / 2]) / 2;
        return steady > 0 ? rates.First(r => r.PerSecond >= steady / 2).Seconds : double.NaN;
    }

    private async Task Read(double age, long began, Func<long> answered)
    {
        using var timer = new PeriodicTimer(Interval);
        try
        {
            do _readings.Add((age + Stopwatch.GetElapsedTime(began).TotalSeconds, answered()));
            while (await timer.WaitForNextTickAsync(_stop.Token));
        }
        catch (OperationCanceledException) { } // the round is over
    }
}
