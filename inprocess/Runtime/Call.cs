using System.Diagnostics;
using Orleans.Runtime;

namespace Orleans.InProcess;

/// <summary>How a call goes together with others.</summary>
internal class CallRules
{
    public static readonly CallRules Exclusive = new();
    public static readonly CallRules Interleaving = new() { Interleaves = true };

    public string Name { get; set; } = "";
    public bool Interleaves { get; set; }
    public bool ReadOnly { get; set; }
    public bool OneWay { get; set; }
}

/// <summary>A method of a grain interface; <paramref name="invoke"/> calls it on the grain.</summary>
internal sealed class GrainMethod<TArgs, TResult>(Func<object, TArgs, Task> invoke) : CallRules
{
    public Task Invoke(object grain, TArgs args) => invoke(grain, args) ?? throw new InvalidOperationException($"{Name} returned null instead of a task.");
}

/// <summary>Something that has to be let into an activation, and leaves it again: a call or the tick of a timer.</summary>
internal abstract class Visit(CallRules rules) : Turn
{
    private Activation? _activation;
    private Task? _running;

    public CallRules Rules { get; } = rules;

    /// <summary>It is not wanted any more: nobody waits.</summary>
    public virtual bool IsOver => false;

    /// <summary>An idle activation is one that had no such visit for a while.</summary>
    public virtual bool CountsAsUse => true;

    public override void Run(Activation activation)
    {
        Task task;
        try
        {
            task = IsOver ? Task.CompletedTask : Start(activation.GrainInstance!);
        }
#pragma warning disable CA1031 // It is the caller's
        catch (Exception exception)
#pragma warning restore CA1031
        {
            task = Task.FromException(exception);
        }
        Follow(activation, task);
    }

    /// <summary>In a turn of the activation; the end comes in a later one, if it is not there yet.</summary>
    public void Follow(Activation activation, Task task)
    {
        (_activation, _running) = (activation, task);
        if (task.IsCompleted)
            Leave();
        else
            task.GetAwaiter().UnsafeOnCompleted(Leave); // captures the activation, so it comes back to its turn
    }

    private void Leave()
    {
        var activation = _activation!;
        End(activation, _running!);
        (_activation, _running) = (null, null);
        activation.Leave(this);
    }

    public abstract void Fail(Exception exception);
    protected abstract Task Start(object grain);
    protected abstract void End(Activation activation, Task task);
}

/// <summary>A call that somebody may wait for.</summary>
internal abstract class Call(CallRules rules, GrainReference target) : Visit(rules)
{
    public GrainReference Target { get; } = target;

    // Of PendingCalls.
    internal Call? Earlier;
    internal Call? Later;
    internal bool IsListed;
    internal long Since;
}

internal class Call<TResult>(CallRules rules, GrainReference target) : Call(rules, target)
{
    private readonly TaskCompletionSource<TResult> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<TResult> Answer => _answer.Task;
    public override bool IsOver => _answer.Task.IsCompleted;

    public override void Fail(Exception exception) => Answered(_answer.TrySetException(exception));

    protected override Task Start(object grain) => throw new UnreachableException();

    protected override void End(Activation activation, Task task)
    {
        if (task.IsCompletedSuccessfully)
            Answered(_answer.TrySetResult(task is Task<TResult> { Result: var result } ? result : default!));
        else if (task.IsCanceled)
            Answered(_answer.TrySetCanceled(new TaskCanceledException(task).CancellationToken));
        else if (Rules.OneWay)
            activation.Class.Silo.LostFailure(task.Exception!.InnerException!, Rules.Name, activation.GrainId);
        else
            Answered(_answer.TrySetException(task.Exception!.InnerExceptions));
    }

    private void Answered(bool now)
    {
        if (now)
            Target.Class.Silo.Pending.Remove(this);
    }
}

internal sealed class Call<TArgs, TResult>(GrainMethod<TArgs, TResult> method, GrainReference target, TArgs args) : Call<TResult>(method, target)
{
    private readonly Activity? _activity = Activity.Current;

    protected override Task Start(object grain)
    {
        if (_activity is null)
            return method.Invoke(grain, args);
        Activity.Current = _activity;
        try
        {
            return method.Invoke(grain, args);
        }
        finally
        {
            Activity.Current = null; // the turn after this one is another caller's
        }
    }
}
