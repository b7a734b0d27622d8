using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Runtime;

namespace Orleans.InProcess;

/// <summary>Something that has to be ready before grains are.</summary>
internal interface IStartsWithSilo
{
    Task Start(CancellationToken cancellationToken);
}

/// <summary>All grains of this process. Stops after what was added later has stopped: the HTTP server among others.</summary>
internal sealed partial class Silo(IServiceProvider services, IOptions<GrainCollectionOptions> collection, IOptions<SiloMessagingOptions> messaging, TimeProvider time, ILogger<Silo> log)
    : IHostedService, ISiloStatusOracle, IDisposable
{
    private readonly ConcurrentDictionary<Type, GrainClass> _classes = new();
    private ITimer? _overdue;
    private ITimer? _idle;

    public IServiceProvider Services { get; } = services;
    public TimeProvider Time { get; } = time;
    public GrainCollectionOptions Collection { get; } = collection.Value;
    public PendingCalls Pending { get; } = new(time, messaging.Value.ResponseTimeout);
    public bool IsStopping { get; private set; }
    public SiloStatus CurrentStatus => IsStopping ? SiloStatus.Stopping : _idle is null ? SiloStatus.Joining : SiloStatus.Active;

    public bool SubscribeToSiloStatusEvents(ISiloStatusListener observer) => true;
    public bool UnSubscribeFromSiloStatusEvents(ISiloStatusListener observer) => true;

    public GrainClass ClassOf(Type type) => _classes.GetOrAdd(type, static (type, silo) => new GrainClass(silo, type), this);

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var part in Services.GetServices<IStartsWithSilo>())
            await part.Start(cancellationToken);
        var look = TimeSpan.FromMilliseconds(Math.Clamp(messaging.Value.ResponseTimeout.TotalMilliseconds / 10, 10, 1000));
        _overdue = Time.CreateTimer(_ => Pending.FailOverdue(), null, look, look);
        _idle = Time.CreateTimer(_ => DeactivateIdle(), null, Collection.CollectionQuantum, Collection.CollectionQuantum);
    }

    /// <summary>Ends every activation; calls to grains that are not active are refused from now on.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        IsStopping = true;
        try
        {
            while (_classes.Values.SelectMany(it => it.Activations).ToList() is { Count: > 0 } activations)
            {
                foreach (var activation in activations)
                    activation.Deactivate(new DeactivationReason(DeactivationReasonCode.ShuttingDown, "The silo is stopping."), CancellationToken.None);
                await Task.WhenAll(activations.Select(activation => activation.Deactivated)).WaitAsync(cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            LogStillActive(log, _classes.Values.Sum(it => it.Activations.Count()));
        }
    }

    public void Dispose()
    {
        _overdue?.Dispose();
        _idle?.Dispose();
    }

    /// <summary>An exception that no caller is there for.</summary>
    public void LostFailure(Exception exception, string what, GrainId grain) => LogLostFailure(log, exception, what, grain);

    private void DeactivateIdle()
    {
        foreach (var activation in _classes.Values.SelectMany(it => it.Activations))
            activation.DeactivateIfIdle(Collection.CollectionAge);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{What} of {Grain} failed")]
    private static partial void LogLostFailure(ILogger log, Exception exception, string what, GrainId grain);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Stopped with {Count} activations still busy")]
    private static partial void LogStillActive(ILogger log, int count);
}
