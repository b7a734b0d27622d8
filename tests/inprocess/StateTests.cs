namespace OrleansInbox.Tests.InProcess;

public sealed class StateTests
{
    [Fact]
    public async Task State_is_there_before_the_grain_is_activated_again()
    {
        await using var silo = await OneSilo.Start();
        var (grain, script) = silo.Probe();
        await grain.Count();
        await grain.Count();
        await grain.End();
        await script.Reached("deactivated");
        Assert.Equal(3, await grain.Count());
        Assert.Equal(["activate:0", "deactivate:ApplicationRequested", "activate:2"], script.Log);
    }

    [Fact]
    public async Task A_cleared_state_is_empty_and_can_be_written_again()
    {
        await using var silo = await OneSilo.Start();
        var (grain, script) = silo.Probe();
        await grain.Count();
        await grain.Forget();
        Assert.Equal(1, await grain.Count());
        await grain.Forget();
        await grain.End();
        await script.Reached("deactivated");
        await grain.Nothing();
        Assert.Equal("activate:0", script.Log.Last());
    }
}
