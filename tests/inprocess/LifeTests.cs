namespace OrleansInbox.Tests.InProcess;

public sealed class LifeTests
{
    [Fact]
    public async Task Concurrent_first_calls_activate_once()
    {
        await using var silo = await OneSilo.Start();
        var (grain, script) = silo.Probe();
        script.HoldsActivation = true;
        var calls = Enumerable.Range(0, 100).Select(_ => Task.Run(grain.Count)).ToArray();
        await script.IsIn("activate");
        script.LetGo("activate");
        await Task.WhenAll(calls);
        Assert.Equal(1, script.Activations);
    }

    [Fact]
    public async Task A_failed_activation_is_told_to_every_caller_and_the_next_call_tries_anew()
    {
        await using var silo = await OneSilo.Start();
        var (grain, script) = silo.Probe();
        (script.BadActivations, script.HoldsActivation) = (1, true);
        var calls = Enumerable.Range(0, 20).Select(_ => grain.Count()).ToArray();
        await script.IsIn("activate");
        script.LetGo("activate");
        foreach (var call in calls)
            await Assert.ThrowsAsync<InvalidDataException>(() => call);
        Assert.Equal(1, await grain.Count());
        Assert.Equal(2, script.Activations);
    }

    [Fact]
    public async Task Deactivation_waits_for_the_call_inside_and_what_comes_meanwhile_goes_to_the_next_activation()
    {
        await using var silo = await OneSilo.Start();
        var (grain, script) = silo.Probe();
        var inside = grain.Hold("a");
        await script.IsIn("a");
        await grain.End();
        var after = grain.Hold("b");
        script.LetGo("b", "a");
        await Task.WhenAll(inside, after);
        Assert.Equal(["activate:0", "+a", "-a", "deactivate:ApplicationRequested", "activate:0", "+b", "-b"], script.Log);
    }

    [Fact]
    public async Task Stopping_the_host_deactivates_everything()
    {
        await using var silo = await OneSilo.Start();
        var probes = Enumerable.Range(0, 20).Select(_ => silo.Probe()).ToArray();
        foreach (var (grain, _) in probes)
            await grain.Count();
        await silo.Stop();
        foreach (var (_, script) in probes)
            Assert.Equal("deactivate:ShuttingDown", script.Log.Last());
    }

    [Fact]
    public async Task Timers_tick_in_turn_and_stop_with_the_activation()
    {
        await using var silo = await OneSilo.Start();
        var (grain, script) = silo.Probe();
        await grain.Tick(times: 3);
        await script.Reached("tick 1");
        await script.Reached("deactivated");
        await grain.Nothing();
        Assert.Equal(["activate:0", "tick:1", "tick:2", "tick:3", "deactivate:ApplicationRequested", "activate:0"], script.Log);
    }
}
