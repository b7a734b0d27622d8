namespace OrleansInbox.Storage.Redis;

/// <summary>
/// Group commit across inboxes: what waits while scripts are under way goes together with the next one. A script that comes alone keeps Redis busy for 32 µs, of
/// which the XADD of an append is 6.6.
/// </summary>
/// <param name="redis">The connection.</param>
/// <param name="maxUnderWay">So many scripts: while Redis works on one the next is on its way.</param>
/// <param name="maxTogether">So many of them in one script, during which Redis does nothing else.</param>
internal abstract class RedisGroup<TItem, TAnswer>(RedisConnection redis, int maxUnderWay, int maxTogether) where TItem : TaskCompletionSource<TAnswer>
{
    private const int _maxBytes = 1024 * 1024;

    private readonly Lock _lock = new();
    private Queue<TItem> _waiting = new();
    private int _underWay;

    protected RedisConnection Redis => redis;

    protected Task<TAnswer> Add(TItem item)
    {
        if (redis.IsCluster)
        {
            // A script may touch one hash slot only. An inbox has one of them under way, so that there are no more than inboxes that are used.
            _ = SendAlone(item);
            return item.Task;
        }
        lock (_lock)
        {
            _waiting.Enqueue(item);
            if (_underWay >= maxUnderWay) return item.Task;
            _underWay++;
        }
        _ = SendAll();
        return item.Task;
    }

    /// <summary>Has each of them answered.</summary>
    protected abstract Task Send(List<TItem> together);

    protected virtual int BytesOf(TItem item) => 0;

    /// <summary>One script after the other; never throws. No await comes back to the grain whose call began it.</summary>
    private async Task SendAll()
    {
        while (Take() is { } together)
        {
            try
            {
                if (together.Count > 1 && await redis.HasSlots().ConfigureAwait(false)) // that was not known when they came
                {
                    foreach (var one in together) _ = SendAlone(one);
                    continue;
                }
                await Send(together).ConfigureAwait(false);
            }
            catch (Exception failure)
            {
                foreach (var item in together) item.TrySetException(failure);
                FailWaiting();
            }
        }
    }

    private async Task SendAlone(TItem one)
    {
        try
        {
            await Send([one]).ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            one.TrySetException(failure);
        }
    }

    private List<TItem>? Take()
    {
        lock (_lock)
        {
            if (_waiting.Count == 0)
            {
                _underWay--;
                return null;
            }
            var together = new List<TItem>(Math.Min(_waiting.Count, maxTogether));
            for (var bytes = 0; together.Count < maxTogether && bytes < _maxBytes && _waiting.TryDequeue(out var next); bytes += BytesOf(next)) together.Add(next);
            return together;
        }
    }

    /// <summary>Redis does not answer: those that were not sent are told at once, instead of after a time-out each.</summary>
    private void FailWaiting()
    {
        Queue<TItem> waiting;
        lock (_lock) (waiting, _waiting) = (_waiting, new());
        foreach (var unsent in waiting) unsent.TrySetException(new StorageUnavailableException("Redis does not answer; nothing was sent."));
    }
}
