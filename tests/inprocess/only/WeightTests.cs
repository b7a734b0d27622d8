using Orleans;

namespace OrleansInbox.Tests.InProcess;

public sealed class WeightTests
{
    [Fact]
    public async Task An_idle_activation_weighs_little()
    {
        const int Count = 10_000;
        await using var silo = await OneSilo.Start();
        await silo.Client.GetGrain<IFeatherGrain>("warm-up").Touch();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        for (var number = 0; number < Count; number++)
            await silo.Client.GetGrain<IFeatherGrain>($"feather-{number}").Touch();
        var each = (GC.GetTotalMemory(forceFullCollection: true) - before) / Count;
        Assert.InRange(each, 1, 1024);
    }
}

public interface IFeatherGrain : IGrainWithStringKey
{
    Task Touch();
}

public sealed class FeatherGrain : Grain, IFeatherGrain
{
    public Task Touch() => Task.CompletedTask;
}
