using OrleansInbox.Bench;

namespace OrleansInbox.Tests.Bench;

public sealed class StartupMeterTests
{
    [Fact]
    public void The_time_is_the_end_of_the_first_window_at_half_of_the_steady_rate()
    {
        // Nothing up to 1 s after the start, then 100 per 0.1 s, from 2 s on 1,000.
        var toHalf = StartupMeter.ToHalf(Readings(first: 0.5, count: 60, seconds => seconds < 1 ? 0 : seconds < 2 ? 100 : 1000));
        // At 2.1 s the window holds 100 + 1,000 + 1,000 in 0.3 s: the first above 5,000/s.
        Assert.Equal(2.1, toHalf, 3);
    }

    [Fact]
    public void A_server_at_full_rate_at_once_needs_one_window()
    {
        Assert.Equal(0.7, StartupMeter.ToHalf(Readings(first: 0.4, count: 50, _ => 500)), 3);
    }

    [Fact]
    public void One_late_reading_is_no_slow_server()
    {
        // 1,000 answers/s throughout, but the readings of one second are missing.
        var readings = Enumerable.Range(0, 60).Where(i => i is < 5 or > 15).Select(i => (1 + i * 0.1, i * 100L)).ToArray();
        Assert.Equal(1.3, StartupMeter.ToHalf(readings), 3);
    }

    [Fact]
    public void A_stall_in_the_last_third_does_not_move_the_median()
    {
        var toHalf = StartupMeter.ToHalf(Readings(first: 0, count: 60, seconds => seconds < 3 ? 100 : seconds is > 5 and < 5.5 ? 0 : 1000));
        Assert.Equal(3.1, toHalf, 3);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(40)]
    public void Without_answers_or_a_window_there_is_no_time(int count) =>
        Assert.True(double.IsNaN(StartupMeter.ToHalf(Readings(first: 0, count, _ => 0))));

    [Fact]
    public void The_age_of_a_process_is_counted_from_its_start()
    {
        using var self = System.Diagnostics.Process.GetCurrentProcess();
        Assert.Equal((DateTime.Now - self.StartTime).TotalSeconds, ProcessTree.AgeSeconds(Environment.ProcessId), 0.5);
        Assert.True(double.IsNaN(ProcessTree.AgeSeconds(int.MaxValue)));
    }

    /// <summary>Readings every 100 ms; <paramref name="during"/> says how many answers came in the tenth of a second that ends then.</summary>
    private static (double, long)[] Readings(double first, int count, Func<double, long> during)
    {
        var answered = 0L;
        return [.. Enumerable.Range(0, count).Select(i => (first + i / 10.0, i == 0 ? 0 : answered += during(Math.Round(first + i / 10.0, 1))))];
    }
}
