namespace OrleansInbox.Inboxes;

/// <summary>One write at a time: what waits while a write is under way goes together with the next one. Runs in the grain's turns, so it needs no lock.</summary>
internal abstract class GroupCommit<T>(int maxWaiting)
{
    private Queue<T>? _waiting; // most inboxes in memory are only watched
    private bool _writing;

    /// <exception cref="StorageUnavailableException">Too many wait already.</exception>
    protected void Enqueue(T item)
    {
        if (_waiting?.Count >= maxWaiting)
            throw new StorageUnavailableException($"{_waiting.Count} writes wait for this inbox already; come back later. Nothing was stored.");
        (_waiting ??= new(1)).Enqueue(item);
        if (!_writing) _ = WriteAll();
    }

    /// <summary>Whether the next item may go into the same write.</summary>
    protected abstract bool Fits(List<T> batch, T next);

    /// <summary>Completes every item of the batch, one way or the other; never throws.</summary>
    protected abstract Task Write(List<T> batch);

    private async Task WriteAll()
    {
        _writing = true;
        try
        {
            while (_waiting!.TryDequeue(out var first))
            {
                var batch = new List<T>(1 + _waiting.Count) { first };
                while (_waiting.TryPeek(out var next) && Fits(batch, next)) batch.Add(_waiting.Dequeue());
                await Write(batch);
            }
        }
        finally
        {
            _writing = false;
        }
    }
}
