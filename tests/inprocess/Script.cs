using System.Collections.Concurrent;

namespace OrleansInbox.Tests.InProcess;

/// <summary>What a probe grain is to do, and what it did. Test and grain are in one process, so they share it by the grain's key.</summary>
public sealed class Script
{
    private static readonly ConcurrentDictionary<string, Script> _all = new();
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(20);
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _steps = new();
    private int _activations;

    public ConcurrentQueue<string> Log { get; } = new();
    public int Activations => _activations;

    /// <summary>Activations that throw, counted down.</summary>
    public int BadActivations { get; set; }

    /// <summary>Activations wait for "activate".</summary>
    public bool HoldsActivation { get; set; }

    public static Script Of(string key) => _all.GetOrAdd(key, _ => new Script());

    public int Activated() => Interlocked.Increment(ref _activations);
    public void Reach(string step) => Step(step).TrySetResult();

    public async Task Reached(string step)
    {
        try
        {
            await Step(step).Task.WaitAsync(_patience);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"Waited {_patience} for \"{step}\"; so far: {string.Join(' ', Log)}");
        }
    }

    /// <summary>Inside <paramref name="name"/> until the test lets it go on.</summary>
    public async Task Hold(string name)
    {
        Log.Enqueue($"+{name}");
        Reach($"in {name}");
        await Step($"go {name}").Task;
        Log.Enqueue($"-{name}");
        Reach($"out {name}");
    }

    public Task IsIn(string name) => Reached($"in {name}");
    public Task IsOut(string name) => Reached($"out {name}");
    public void LetGo(params string[] names) => Array.ForEach(names, name => Reach($"go {name}"));

    private TaskCompletionSource Step(string step) => _steps.GetOrAdd(step, _ => new(TaskCreationOptions.RunContinuationsAsynchronously));
}
