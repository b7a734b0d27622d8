namespace OrleansInbox.Tests.InProcess;

/// <summary>More than Orleans promises: it forwards a call twice at most, and then rejects it.</summary>
public sealed class NoCallIsLostTests
{
    [Fact]
    public async Task No_call_is_lost_while_activations_come_and_go()
    {
        await using var silo = await OneSilo.Start();
        var (grain, script) = silo.Probe();
        var calls = Enumerable.Range(0, 400).Select(number => Task.Run(async () =>
        {
            if (number % 4 == 0)
                await grain.End();
            await grain.Count();
        })).ToArray();
        await Task.WhenAll(calls);
        Assert.Equal(401, await grain.Count());
        Assert.True(script.Activations > 1);
    }
}
