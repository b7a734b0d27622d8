using System.Diagnostics;
using Orleans.Runtime;

namespace OrleansInbox.Due;

/// <summary>Runs a <see cref="DueReader"/> for as long as it is active.</summary>
[GrainType("due"), CollectionAgeLimit(Minutes = 2)]
internal sealed class DueGrain(DueServices services) : Grain, IDueGrain, IDisposable
{
    private static readonly TimeSpan _drain = TimeSpan.FromSeconds(3);

    private readonly CancellationTokenSource _stop = new();
    private Task _reading = Task.CompletedTask;

    public Task KeepWaking()
    {
        var last = _reading;
        if (last.IsCompleted) _reading = Read();
        return last.IsFaulted ? last : Task.CompletedTask; // it reads again; why it did not is logged by the caller
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        await _stop.CancelAsync();
        await _reading.WaitAsync(_drain, services.Time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
    }

    public void Dispose() => _stop.Dispose();

    private async Task Read()
    {
        Activity.Current = null; // the appends are no part of the call that has begun them
        await new DueReader((int)this.GetPrimaryKeyLong(), services).Run(_stop.Token);
    }
}
