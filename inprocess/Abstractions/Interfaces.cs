using Orleans.Runtime;

namespace Orleans
{
    public interface IGrain : IAddressable;

    public interface IGrainWithStringKey : IGrain;

    public interface IGrainObserver : IAddressable;

    public interface IGrainBase : IAddressable
    {
        IGrainContext GrainContext { get; }
        Task OnActivateAsync(CancellationToken token);
        Task OnDeactivateAsync(DeactivationReason reason, CancellationToken token);
    }

    public interface IGrainFactory
    {
        TGrainInterface GetGrain<TGrainInterface>(string primaryKey, string? grainClassNamePrefix = null)
            where TGrainInterface : IGrainWithStringKey;

        TGrainObserverInterface CreateObjectReference<TGrainObserverInterface>(IGrainObserver obj) where TGrainObserverInterface : IGrainObserver;

        void DeleteObjectReference<TGrainObserverInterface>(IGrainObserver obj) where TGrainObserverInterface : IGrainObserver;
    }

    public interface IClusterClient : IGrainFactory
    {
        IServiceProvider ServiceProvider { get; }
    }

    public enum DeactivationReasonCode : byte
    {
        None = 0,
        ShuttingDown = 1,
        ActivationFailed = 2,
        DirectoryFailure = 3,
        ActivationIdle = 4,
        ActivationUnresponsive = 5,
        DuplicateActivation = 6,
        IncompatibleRequest = 7,
        ApplicationError = 8,
        ApplicationRequested = 9,
        Migrating = 10,
        RuntimeRequested = 11,
        HighMemoryPressure = 12,
    }

    public readonly struct DeactivationReason(DeactivationReasonCode code, Exception? exception, string text)
    {
        public DeactivationReason(DeactivationReasonCode code, string text) : this(code, null, text) { }

        public DeactivationReasonCode ReasonCode { get; } = code;
        public string Description { get; } = text;
        public Exception? Exception { get; } = exception;
        public override string ToString() => Exception is null ? $"{ReasonCode}: {Description}" : $"{ReasonCode}: {Description} Exception: {Exception}";
    }
}

namespace Orleans.Runtime
{
    public interface IAddressable;

    /// <summary>One activation, as the grain in it sees it.</summary>
    public interface IGrainContext : IEquatable<IGrainContext>
    {
        ActivationId ActivationId { get; }
        IServiceProvider ActivationServices { get; }
        GrainId GrainId { get; }
        object? GrainInstance { get; }

        /// <summary>Completes when the activation is over.</summary>
        Task Deactivated { get; }

        void Deactivate(DeactivationReason deactivationReason, CancellationToken cancellationToken = default);
    }

    public interface IGrainTimer : IDisposable
    {
        void Change(TimeSpan dueTime, TimeSpan period);
    }

    public readonly struct GrainTimerCreationOptions
    {
        public GrainTimerCreationOptions() { }

        [System.Diagnostics.CodeAnalysis.SetsRequiredMembers]
        public GrainTimerCreationOptions(TimeSpan dueTime, TimeSpan period) => (DueTime, Period) = (dueTime, period);

        public required TimeSpan DueTime { get; init; }

        /// <summary>From the end of one tick to the next.</summary>
        public required TimeSpan Period { get; init; }

        /// <summary>Ticks interleave with calls and with each other's awaits; else they wait their turn like a call.</summary>
        public bool Interleave { get; init; }

        /// <summary>A tick counts as use: the activation is not idle.</summary>
        public bool KeepAlive { get; init; }
    }
}
