using Orleans.Runtime;

namespace Orleans.InProcess;

/// <summary>A tick is let into the activation like a call; the next one is counted from its end.</summary>
internal sealed class GrainTimer<TState> : IGrainTimer
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Activation _activation;
    private readonly Func<TState, CancellationToken, Task> _callback;
    private readonly TState _state;
    private readonly bool _keepAlive;
    private readonly CallRules _rules;
    private readonly ITimer _timer;
    private TimeSpan _next;
    private TimeSpan _period;
    private bool _ticking;

    public GrainTimer(Activation activation, Func<TState, CancellationToken, Task> callback, TState state, GrainTimerCreationOptions options)
    {
        (_activation, _callback, _state, _period, _keepAlive) = (activation, callback, state, options.Period, options.KeepAlive);
        _rules = options.Interleave ? CallRules.Interleaving : CallRules.Exclusive;
        using (ExecutionContext.SuppressFlow()) // the caller that happened to be inside is none of the timer's business
            _timer = activation.Class.Silo.Time.CreateTimer(static it => ((GrainTimer<TState>)it!).Due(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        activation.Add(this);
        _timer.Change(options.DueTime, Timeout.InfiniteTimeSpan);
    }

    public void Change(TimeSpan dueTime, TimeSpan period)
    {
        lock (_stop)
        {
            ObjectDisposedException.ThrowIf(_stop.IsCancellationRequested, this);
            (_next, _period) = (dueTime, period);
            if (!_ticking)
                _timer.Change(dueTime, Timeout.InfiniteTimeSpan);
        }
    }

    public void Dispose()
    {
        lock (_stop)
        {
            if (_stop.IsCancellationRequested)
                return;
            _timer.Dispose();
            _activation.Remove(this);
        }
        _stop.Cancel();
    }

    private void Due()
    {
        lock (_stop)
        {
            if (_ticking || _stop.IsCancellationRequested)
                return;
            (_ticking, _next) = (true, _period);
        }
        _activation.Enqueue(new Tick(this));
    }

    private void Done(Activation activation, Task task)
    {
        if (task.IsFaulted)
            activation.Class.Silo.LostFailure(task.Exception.InnerException!, "a timer", activation.GrainId);
        lock (_stop)
        {
            _ticking = false;
            if (!_stop.IsCancellationRequested)
                _timer.Change(_next, Timeout.InfiniteTimeSpan);
        }
    }

    private sealed class Tick(GrainTimer<TState> timer) : Visit(timer._rules)
    {
        public override bool IsOver => timer._stop.IsCancellationRequested;
        public override bool CountsAsUse => timer._keepAlive;
        public override void Fail(Exception exception) { }
        protected override Task Start(object grain) => timer._callback(timer._state, timer._stop.Token);
        protected override void End(Activation activation, Task task) => timer.Done(activation, task);
    }
}
