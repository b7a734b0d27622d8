namespace OrleansInbox.Tests.InProcess;

public sealed class CallTests
{
    [Fact]
    public async Task Answers_and_arguments_come_through()
    {
        await using var silo = await OneSilo.Start();
        var (grain, _) = silo.Probe();
        Assert.Equal(5, await grain.Sum(2, 3));
        await grain.Nothing();
        Assert.True(await grain.StaysInTurn());
    }

    [Fact]
    public async Task Concurrent_calls_take_turns_and_none_is_lost()
    {
        await using var silo = await OneSilo.Start();
        var (grain, script) = silo.Probe();
        var counts = await Task.WhenAll(Enumerable.Range(0, 500).Select(_ => Task.Run(grain.Count)));
        Assert.Equal(Enumerable.Range(1, 500), counts.Order());
        Assert.Equal(1, script.Activations);
    }

    [Fact]
    public async Task A_call_waits_for_the_one_inside()
    {
        await using var silo = await OneSilo.Start();
        var (grain, script) = silo.Probe();
        var first = grain.Hold("a");
        await script.IsIn("a");
        var second = grain.Hold("b");
        script.LetGo("b");
        Assert.False(second.IsCompleted);
        script.LetGo("a");
        await Task.WhenAll(first, second);
        Assert.Equal(["activate:0", "+a", "-a", "+b", "-b"], script.Log);
    }

    [Fact]
    public async Task Reentrant_grains_let_calls_interleave()
    {
        await using var silo = await OneSilo.Start();
        var (grain, script) = silo.Probe<IReentrantProbeGrain>();
        var calls = Task.WhenAll(grain.Hold("a"), grain.Hold("b"));
        await script.IsIn("a");
        await script.IsIn("b");
        script.LetGo("a", "b");
        await calls;
    }

    [Fact]
    public async Task Always_interleaved_calls_slip_in()
    {
        await using var silo = await OneSilo.Start();
        var (grain, script) = silo.Probe();
        var inside = grain.Hold("a");
        await script.IsIn("a");
        script.LetGo("b");
        await grain.Slip("b");
        script.LetGo("a");
        await inside;
        Assert.Equal(["activate:0", "+a", "+b", "-b", "-a"], script.Log);
    }

    [Fact]
    public async Task Read_only_calls_go_together_and_not_with_others()
    {
        await using var silo = await OneSilo.Start();
        var (grain, script) = silo.Probe();
        var looks = Task.WhenAll(grain.Look("a"), grain.Look("b"));
        await script.IsIn("a");
        await script.IsIn("b");
        var other = grain.Hold("c");
        script.LetGo("c", "a");
        await script.IsOut("a");
        script.LetGo("b");
        await Task.WhenAll(looks, other);
        Assert.Equal(["+c", "-c"], script.Log.TakeLast(2));
    }

    [Fact]
    public async Task One_way_calls_return_at_once()
    {
        await using var silo = await OneSilo.Start();
        var (grain, script) = silo.Probe();
        await grain.Tell("a");
        await script.IsIn("a");
        script.LetGo("a");
        await script.IsOut("a");
    }

    [Fact]
    public async Task Exceptions_keep_their_type()
    {
        await using var silo = await OneSilo.Start();
        var (grain, _) = silo.Probe();
        Assert.Equal("now", (await Assert.ThrowsAsync<InvalidDataException>(() => grain.ThrowNow("now"))).Message);
        Assert.Equal("later", (await Assert.ThrowsAsync<InvalidDataException>(() => grain.ThrowLater("later"))).Message);
    }

    [Fact]
    public async Task Grains_call_grains()
    {
        await using var silo = await OneSilo.Start();
        var (grain, _) = silo.Probe();
        var others = Enumerable.Range(0, 50).Select(_ => Guid.NewGuid().ToString("N")).ToArray();
        foreach (var other in others)
            Assert.Equal(1, await grain.AskOther(other));
        Assert.Equal(2, await grain.AskOther(others[0]));
    }
}
