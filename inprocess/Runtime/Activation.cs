using Orleans.Runtime;

namespace Orleans.InProcess;

/// <summary>
/// One life of a grain. It is the synchronization context of what runs in it: turns run one after the other, and what follows an await is a turn of its own.
/// This part lets visits (calls, ticks) in; <c>Activation.Life.cs</c> has the beginning and the end. All state is guarded by the activation's own monitor.
/// </summary>
internal sealed partial class Activation(GrainClass grainClass, string key) : SynchronizationContext, IGrainContext, IThreadPoolWorkItem
{
    /// <summary>Then others get the thread.</summary>
    private const int TurnsAtOnce = 64;

    private TurnQueue _turns;
    private TurnQueue _waiting;
    private int _inside;
    private int _exclusive;
    private int _readOnly;
    private bool _busy;
    private Stage _stage;
    private long _lastUse;
    private long _notIdleBefore;

    private enum Stage : byte { New, Beginning, Active, Ending, Over }

    public GrainClass Class { get; } = grainClass;
    public string Key { get; } = key;
    public bool IsOver => _stage == Stage.Over;

    /// <summary>False when the activation is over: the visit belongs to the next one.</summary>
    public bool Enqueue(Visit visit)
    {
        lock (this)
        {
            switch (_stage)
            {
                case Stage.Over:
                    return false;
                case Stage.Active when _waiting.First is null || visit.Rules.Interleaves:
                    if (!MayEnter(visit.Rules))
                        goto default;
                    Admit(visit);
                    return true;
                case Stage.New:
                    _stage = Stage.Beginning;
                    AddTurn(new Continuation(static it => _ = ((Activation)it!).Begin(), this));
                    goto default;
                default:
                    _waiting.Add(visit);
                    return true;
            }
        }
    }

    /// <summary>
    /// When nothing else runs here: runs the call on the caller's thread, up to its first await, instead of waking up another one.
    /// Only for callers outside of grains, who have no turn that they would keep busy.
    /// </summary>
    public bool TryRun<TArgs, TResult>(GrainMethod<TArgs, TResult> method, TArgs args, GrainReference target, out Task answer)
    {
        lock (this)
        {
            if (_busy || _stage != Stage.Active || _waiting.First is not null || !MayEnter(method))
            {
                answer = null!;
                return false;
            }
            _busy = true;
            Count(method, 1);
        }
        var callers = Current;
        SetSynchronizationContext(this);
        try
        {
            answer = Invoke(method, args);
            if (!answer.IsCompleted)
            {
                var call = new Call<TResult>(method, target);
                call.Follow(this, answer);
                Class.Silo.Pending.Add(call);
                answer = call.Answer;
                LeaveTurn();
            }
            else
            {
                LeaveTurn(method);
            }
        }
        finally
        {
            SetSynchronizationContext(callers);
        }
        return true;
    }

    private Task Invoke<TArgs, TResult>(GrainMethod<TArgs, TResult> method, TArgs args)
    {
        try
        {
            return method.Invoke(GrainInstance!, args);
        }
#pragma warning disable CA1031 // It is the caller's
        catch (Exception exception)
#pragma warning restore CA1031
        {
            return Task.FromException<TResult>(exception);
        }
    }

    public void Leave(Visit visit)
    {
        lock (this)
            Left(visit.Rules, visit.CountsAsUse);
    }

    public override void Post(SendOrPostCallback d, object? state)
    {
        lock (this)
            AddTurn(new Continuation(d, state));
    }

    public override void Send(SendOrPostCallback d, object? state) => throw new NotSupportedException("Nobody waits for a turn of a grain.");
    public override SynchronizationContext CreateCopy() => this;

    void IThreadPoolWorkItem.Execute()
    {
        SetSynchronizationContext(this);
        for (var count = 0; count < TurnsAtOnce; count++)
        {
            Turn? turn;
            lock (this)
            {
                turn = _turns.Take();
                if (turn is null)
                {
                    _busy = false;
                    break;
                }
            }
            try
            {
                turn.Run(this);
            }
#pragma warning disable CA1031 // An async void method of the grain, most likely
            catch (Exception exception)
#pragma warning restore CA1031
            {
                Class.Silo.LostFailure(exception, "a turn", GrainId);
            }
            if (count == TurnsAtOnce - 1)
                ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
        SetSynchronizationContext(null);
    }

    private void LeaveTurn(CallRules? rules = null)
    {
        lock (this)
        {
            if (rules is not null)
                Left(rules, countsAsUse: true);
            if (_turns.First is null)
                _busy = false;
            else
                ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    private void Left(CallRules rules, bool countsAsUse)
    {
        Count(rules, -1);
        if (countsAsUse)
            _lastUse = Class.Silo.Time.GetTimestamp();
        if (_stage == Stage.Active)
            AdmitWaiting();
        else if (_stage == Stage.Ending && _inside == 0)
            AddEnd();
    }

    private void AdmitWaiting()
    {
        while (_waiting.First is Visit next && MayEnter(next.Rules))
        {
            _waiting.Take();
            Admit(next);
        }
    }

    private bool MayEnter(CallRules rules) =>
        Class.IsReentrant || rules.Interleaves || _exclusive == 0 || (rules.ReadOnly && _exclusive == _readOnly);

    private void Admit(Visit visit)
    {
        Count(visit.Rules, 1);
        AddTurn(visit);
    }

    private void Count(CallRules rules, int by)
    {
        _inside += by;
        if (rules.Interleaves)
            return;
        _exclusive += by;
        if (rules.ReadOnly)
            _readOnly += by;
    }

    private void AddTurn(Turn turn)
    {
        _turns.Add(turn);
        if (_busy)
            return;
        _busy = true;
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }
}
