using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OrleansInbox.Telemetry;

namespace OrleansInbox;

/// <summary>Calls grains that have to be active every few seconds: the first call, and the first after a grain's silo died, makes it active on some silo.</summary>
/// <param name="calls">Each with the name of what it calls.</param>
internal sealed partial class KeepAlive(IReadOnlyList<(string Name, Func<Task> Call)> calls, TimeProvider time, ILogger<KeepAlive> logger) : IHostedLifecycleService, IDisposable
{
    private static readonly TimeSpan _every = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource _stop = new();
    private readonly LogThrottle _warnings = new(time);
    private Task _calling = Task.CompletedTask;

    /// <summary>Not before the silo can be called.</summary>
    public Task StartedAsync(CancellationToken cancellationToken)
    {
        _calling = Call();
        return Task.CompletedTask;
    }

    /// <summary>Before the silo stops: a grain that it hands on must not come back to it.</summary>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync();
        await _calling.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _stop.Dispose();

    private async Task Call()
    {
        while (!_stop.IsCancellationRequested)
        {
            await Task.WhenAll(calls.Select(one => Call(one.Name, one.Call)));
            await Task.Delay(_every, time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task Call(string name, Func<Task> call)
    {
        try
        {
            await call();
        }
        catch (Exception failure) // its silo is away, or storage is, or it has failed: called again soon
        {
            if (!_stop.IsCancellationRequested && _warnings.ShouldLog()) LogFailed(failure, name);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Name} does not answer, and is called again soon.")]
    private partial void LogFailed(Exception failure, string name);
}
