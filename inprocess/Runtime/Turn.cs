namespace Orleans.InProcess;

/// <summary>A piece of work that runs alone in an activation. Linked through itself: an idle activation holds no queue.</summary>
internal abstract class Turn
{
    internal Turn? Next;

    public abstract void Run(Activation activation);
}

/// <summary>What follows an await.</summary>
internal sealed class Continuation(SendOrPostCallback callback, object? state) : Turn
{
    public override void Run(Activation activation) => callback(state);
}

internal struct TurnQueue
{
    private Turn? _first;
    private Turn? _last;

    public readonly Turn? First => _first;

    public void Add(Turn turn)
    {
        turn.Next = null;
        if (_last is null)
            _first = turn;
        else
            _last.Next = turn;
        _last = turn;
    }

    public Turn? Take()
    {
        var turn = _first;
        if (turn is null)
            return null;
        _first = turn.Next;
        if (_first is null)
            _last = null;
        turn.Next = null;
        return turn;
    }
}
