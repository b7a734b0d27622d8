using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;
using Orleans.Hosting;

namespace OrleansInbox.Tests.InProcess;

/// <summary>What depends on the clock, with a clock of the test's own; the real Orleans does not run on one.</summary>
public sealed class TimeTests
{
    private static readonly TimeSpan _age = TimeSpan.FromMinutes(10);
    private readonly ManualTime _time = new();

    [Fact]
    public async Task A_call_that_takes_too_long_times_out_and_the_next_one_is_served()
    {
        await using var silo = await Start();
        var (grain, script) = silo.Probe();
        await grain.Nothing();
        var inside = grain.Hold("a");
        await script.IsIn("a");
        var waiting = grain.Hold("b");
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.False(inside.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(2));
        await Assert.ThrowsAsync<TimeoutException>(() => inside);
        await Assert.ThrowsAsync<TimeoutException>(() => waiting);
        script.LetGo("a");
        await grain.Nothing();
        Assert.DoesNotContain("+b", script.Log); // nobody waits for it any more
    }

    [Fact]
    public async Task An_idle_activation_ends_and_a_busy_one_does_not()
    {
        await using var silo = await Start();
        var (idle, idleScript) = silo.Probe();
        var (busy, busyScript) = silo.Probe();
        await idle.Nothing();
        await busy.Nothing();
        await busy.Tell("a");
        await busyScript.IsIn("a");
        _time.Advance(_age + TimeSpan.FromMinutes(1));
        await idleScript.Reached("deactivated");
        Assert.Equal("deactivate:ActivationIdle", idleScript.Log.Last());
        busyScript.LetGo("a");
        await busyScript.IsOut("a");
        Assert.Equal("-a", busyScript.Log.Last());
    }

    [Fact]
    public async Task Calls_that_race_with_idle_deactivation_are_served()
    {
        var blink = TimeSpan.FromMilliseconds(1); // so that no time-out comes in between
        await using var silo = await Start(age: blink, look: blink, patience: TimeSpan.FromDays(10));
        var (grain, script) = silo.Probe();
        using var stop = new CancellationTokenSource();
        var clock = Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
                _time.Advance(2 * blink);
        });
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        for (var count = 1; count <= 1000 || script.Activations < 10; count++)
        {
            Assert.False(patience.IsCancellationRequested, $"Waited 20 s for 10 activations; there were {script.Activations} in {count} calls.");
            Assert.Equal(count, await grain.Count());
        }
        await stop.CancelAsync();
        await clock;
    }

    private Task<OneSilo> Start() => Start(_age, TimeSpan.FromMinutes(1), TimeSpan.FromSeconds(3));

    private Task<OneSilo> Start(TimeSpan age, TimeSpan look, TimeSpan patience) => OneSilo.Start(silo => silo
        .ConfigureServices(services => services.AddSingleton<TimeProvider>(_time))
        .Configure<SiloMessagingOptions>(options => options.ResponseTimeout = patience)
        .Configure<GrainCollectionOptions>(options => (options.CollectionAge, options.CollectionQuantum) = (age, look)));
}
