using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;

namespace Orleans.InProcess;

/// <summary>The beginning and the end of an activation; both run as turns of it, with no call inside.</summary>
internal sealed partial class Activation
{
    private AsyncServiceScope _scope;
    private List<IStateFacet>? _states;
    private List<IDisposable>? _timers;
    private DeactivationReason _reason;
    private TaskCompletionSource? _deactivated;

    public ActivationId ActivationId { get; } = ActivationId.NewId();
    public GrainId GrainId => GrainId.Create(Class.Type, Key);
    public object? GrainInstance { get; private set; }
    public IServiceProvider ActivationServices => _scope.ServiceProvider;

    public Task Deactivated
    {
        get
        {
            lock (this)
            {
                if (_deactivated is null && _stage == Stage.Over)
                    return Task.CompletedTask;
                return (_deactivated ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            }
        }
    }

    public bool Equals(IGrainContext? other) => ReferenceEquals(this, other);
    public override string ToString() => $"{GrainId}{ActivationId}";

    public void Add(IStateFacet state) => (_states ??= []).Add(state);

    public void Add(IDisposable timer)
    {
        lock (this)
        {
            if (_stage == Stage.Over)
                throw new InvalidOperationException("The activation is over.");
            (_timers ??= []).Add(timer);
        }
    }

    public void Remove(IDisposable timer)
    {
        lock (this)
            _timers?.Remove(timer);
    }

    public void DelayDeactivation(TimeSpan timeSpan)
    {
        var time = Class.Silo.Time;
        lock (this)
            _notIdleBefore = timeSpan >= TimeSpan.FromDays(3650) ? long.MaxValue : time.GetTimestamp() + (long)(timeSpan.TotalSeconds * time.TimestampFrequency);
    }

    /// <summary>Calls inside go on to their end, then the activation ends. What comes from now on waits, and goes to the next one.</summary>
    public void Deactivate(DeactivationReason deactivationReason, CancellationToken cancellationToken = default)
    {
        lock (this)
        {
            if (_stage is Stage.Ending or Stage.Over || _reason.ReasonCode != DeactivationReasonCode.None)
                return;
            _reason = deactivationReason;
            if (_stage == Stage.Active)
                StartToEnd();
            else if (_stage == Stage.New)
                Over();
        }
    }

    public void DeactivateIfIdle(TimeSpan age)
    {
        lock (this)
        {
            var time = Class.Silo.Time;
            if (_stage == Stage.Active && _inside == 0 && !_busy && time.GetElapsedTime(_lastUse) >= age && time.GetTimestamp() >= _notIdleBefore)
                Deactivate(new DeactivationReason(DeactivationReasonCode.ActivationIdle, "Nobody called for a while."));
        }
    }

    private void StartToEnd()
    {
        _stage = Stage.Ending;
        if (_inside == 0)
            AddEnd();
    }

    private void AddEnd() => AddTurn(new Continuation(static it => _ = ((Activation)it!).End(), this));

    private async Task Begin()
    {
        Exception? failure = null;
        var time = Class.Silo.Time;
        using (var timeout = new CancellationTokenSource(Class.Silo.Collection.ActivationTimeout, time))
        {
            try
            {
                _scope = Class.Silo.Services.CreateAsyncScope();
                GrainInstance = Class.Create(this);
                foreach (var state in _states ?? [])
                    await state.ReadStateAsync(timeout.Token).WaitAsync(timeout.Token);
                _states = null;
                await ((IGrainBase)GrainInstance).OnActivateAsync(timeout.Token).WaitAsync(timeout.Token);
            }
            catch (OperationCanceledException canceled) when (timeout.IsCancellationRequested)
            {
                failure = new TimeoutException($"{GrainId} was not activated within {Class.Silo.Collection.ActivationTimeout}.", canceled);
            }
#pragma warning disable CA1031 // It is told to every waiting caller
            catch (Exception exception)
#pragma warning restore CA1031
            {
                failure = exception;
            }
        }
        if (failure is not null)
        {
            await Close(call => call.Fail(failure));
            return;
        }
        lock (this)
        {
            _stage = Stage.Active;
            _lastUse = time.GetTimestamp();
            AdmitWaiting(); // also when it is to end at once: whoever woke it up is served
            if (_reason.ReasonCode != DeactivationReasonCode.None)
                StartToEnd();
        }
    }

    private async Task End()
    {
        StopTimers();
        try
        {
            using var timeout = new CancellationTokenSource(Class.Silo.Collection.DeactivationTimeout, Class.Silo.Time);
            await ((IGrainBase)GrainInstance!).OnDeactivateAsync(_reason, timeout.Token).WaitAsync(timeout.Token);
        }
#pragma warning disable CA1031 // Nobody waits for it, and it ends all the same
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Class.Silo.LostFailure(exception, nameof(IGrainBase.OnDeactivateAsync), GrainId);
        }
        await Close(Class.Deliver);
    }

    private void StopTimers()
    {
        List<IDisposable>? timers;
        lock (this)
            (timers, _timers) = (_timers, null);
        timers?.ForEach(timer => timer.Dispose());
    }

    /// <summary>Every trace of the activation is gone before its waiting calls are told anything.</summary>
    private async Task Close(Action<Call> rest)
    {
        StopTimers();
        try
        {
            if (GrainInstance is IAsyncDisposable asyncDisposable)
                await asyncDisposable.DisposeAsync();
            else
                (GrainInstance as IDisposable)?.Dispose();
            await _scope.DisposeAsync();
        }
#pragma warning disable CA1031 // Nobody waits for it, and it ends all the same
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Class.Silo.LostFailure(exception, "its disposal", GrainId);
        }
        TurnQueue waiting;
        lock (this)
        {
            waiting = _waiting;
            _waiting = default;
            Over();
        }
        while (waiting.Take() is { } visit)
        {
            if (visit is Call call)
                rest(call);
        }
    }

    private void Over()
    {
        _stage = Stage.Over;
        Class.Remove(this);
        _deactivated?.TrySetResult();
    }
}
