using System.Diagnostics;
using Orleans.Runtime;

namespace OrleansInbox.Ingest;

/// <summary>Runs an <see cref="IngestReader"/> for as long as it is active.</summary>
[GrainType("ingest"), CollectionAgeLimit(Minutes = 2)] // a stream that no silo is configured to read is read no more
internal sealed class IngestGrain(IngestServices services) : Grain, IIngestGrain, IDisposable
{
    private static readonly TimeSpan _drain = TimeSpan.FromSeconds(3);

    private readonly CancellationTokenSource _stop = new();
    private Task _reading = Task.CompletedTask;

    public Task KeepReading()
    {
        var last = _reading;
        if (last.IsCompleted) _reading = Read(IngestStream.Parse(this.GetPrimaryKeyString()) ?? throw new InvalidOperationException($"No stream has the name {this.GetPrimaryKeyString()}."));
        return last.IsFaulted ? last : Task.CompletedTask; // it reads again; why it did not is logged by the caller
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        await _stop.CancelAsync();
        // What is done is handed in, so that the next reader need not find out.
        await _reading.WaitAsync(_drain, services.Time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
    }

    public void Dispose() => _stop.Dispose();

    private async Task Read(IngestStream stream)
    {
        Activity.Current = null; // the appends are no part of the call that has begun them
        await new IngestReader(stream, services).Run(_stop.Token);
    }
}
