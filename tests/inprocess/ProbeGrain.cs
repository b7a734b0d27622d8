using Orleans;
using Orleans.Concurrency;
using Orleans.Runtime;

namespace OrleansInbox.Tests.InProcess;

public interface IProbeGrain : IGrainWithStringKey
{
    Task Hold(string name);
    [ReadOnly] Task Look(string name);
    [AlwaysInterleave] Task Slip(string name);
    [OneWay] Task Tell(string name);
    Task ThrowNow(string message);
    Task<int> ThrowLater(string message);
    ValueTask<int> Sum(int first, int second);
    ValueTask Nothing();
    [AlwaysInterleave] Task End();
    Task<int> Count();
    Task Forget();
    Task<int> AskOther(string key);
    Task Tick(int times);
    Task<bool> StaysInTurn();
}

[Reentrant]
public sealed class ReentrantProbeGrain : Grain, IReentrantProbeGrain
{
    public Task Hold(string name) => Script.Of(this.GetPrimaryKeyString()).Hold(name);
}

public interface IReentrantProbeGrain : IGrainWithStringKey
{
    Task Hold(string name);
}

[GenerateSerializer]
public sealed class ProbeState
{
    [Id(0)] public int Count { get; set; }
}

public sealed class ProbeGrain([PersistentState("count", "states")] IPersistentState<ProbeState> state) : Grain, IProbeGrain
{
    private Script Script => Script.Of(this.GetPrimaryKeyString());

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        Script.Log.Enqueue($"activate:{state.State.Count}");
        Script.Activated();
        Script.Reach("in activate");
        if (Script.HoldsActivation)
            await Script.Reached("go activate");
        if (Script.BadActivations-- > 0)
            throw new InvalidDataException("A bad activation.");
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        await Task.Yield();
        Script.Log.Enqueue($"deactivate:{reason.ReasonCode}");
        Script.Reach("deactivated");
    }

    public Task Hold(string name) => Script.Hold(name);
    public Task Look(string name) => Script.Hold(name);
    public Task Slip(string name) => Script.Hold(name);
    public Task Tell(string name) => Script.Hold(name);
    public Task ThrowNow(string message) => throw new InvalidDataException(message);

    public async Task<int> ThrowLater(string message)
    {
        await Task.Yield();
        throw new InvalidDataException(message);
    }

    public ValueTask<int> Sum(int first, int second) => new(first + second);
    public ValueTask Nothing() => ValueTask.CompletedTask;

    public Task End()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    public async Task<int> Count()
    {
        var seen = state.State.Count;
        await Task.Yield();
        state.State.Count = seen + 1;
        await state.WriteStateAsync();
        return state.State.Count;
    }

    public Task Forget() => state.ClearStateAsync();
    public async Task<int> AskOther(string key) => await GrainFactory.GetGrain<IProbeGrain>(key).Count();

    public Task Tick(int times)
    {
        var ticks = 0;
        this.RegisterGrainTimer(() =>
        {
            Script.Log.Enqueue($"tick:{++ticks}");
            Script.Reach($"tick {ticks}");
            return ticks == times ? End() : Task.CompletedTask;
        }, TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(1));
        return Task.CompletedTask;
    }

    public async Task<bool> StaysInTurn()
    {
        var context = SynchronizationContext.Current;
        var scheduler = TaskScheduler.Current;
        await Task.Yield();
        await Task.Run(() => { });
        return context == SynchronizationContext.Current && scheduler == TaskScheduler.Current;
    }
}
