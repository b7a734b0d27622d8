using OrleansInbox.Telemetry;

namespace OrleansInbox.Tests.Grains.Telemetry;

public sealed class LogThrottleTests
{
    [Fact]
    public void One_of_many_is_told_and_the_next_ten_seconds_later()
    {
        var time = new FakeTime();
        var seldom = new LogThrottle(time);
        Assert.Equal([true, false, false], [seldom.ShouldLog(), seldom.ShouldLog(), seldom.ShouldLog()]);
        time.Advance(TimeSpan.FromSeconds(10.1));
        Assert.Equal([true, false], [seldom.ShouldLog(), seldom.ShouldLog()]);
    }
}
