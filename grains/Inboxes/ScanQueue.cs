namespace OrleansInbox.Inboxes;

/// <summary>
/// Scans of one inbox: what has to look into the entries, at worst into all that are kept. One after the other, so that the memory of one is the memory of all,
/// and each only for as long as its caller waits and <see cref="InboxOptions.ScanTimeout"/> allows.
/// </summary>
internal sealed class ScanQueue(InboxServices services)
{
    private const int _maxWaiting = 64;

    private SemaphoreSlim? _turn; // most inboxes in memory are never scanned
    private int _waiting;

    /// <param name="scan">Checks its token before each read.</param>
    /// <param name="cancelled">Its caller does not wait any more.</param>
    /// <exception cref="StorageUnavailableException">Its time is up, or too many wait already.</exception>
    public async Task<T> Run<T>(Func<CancellationToken, Task<T>> scan, CancellationToken cancelled)
    {
        if (_waiting > _maxWaiting) throw Busy();
        using var deadline = new CancellationTokenSource(services.Options.ScanTimeout, services.Time);
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancelled);
        var turn = _turn ??= new(1);
        _waiting++;
        try
        {
            await turn.WaitAsync(ends.Token);
            try
            {
                return await scan(ends.Token);
            }
            finally
            {
                turn.Release();
            }
        }
        catch (OperationCanceledException late) when (deadline.IsCancellationRequested && !cancelled.IsCancellationRequested)
        {
            throw Busy(late);
        }
        finally
        {
            _waiting--;
        }
    }

    private static StorageUnavailableException Busy(Exception? late = null) =>
        new("This inbox is busy with scans (filters and searches, counts and marks by type or group); come back later. Nothing was stored.", late);
}
