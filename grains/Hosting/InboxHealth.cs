using OrleansInbox.Storage;

namespace OrleansInbox;

/// <summary>Asks the log, at most once a second however many ask.</summary>
internal sealed class InboxHealth(IInboxLog log, TimeProvider time) : IInboxHealth
{
    private static readonly TimeSpan _remembered = TimeSpan.FromSeconds(1);
    private readonly Lock _lock = new();
    private Task<bool> _last = Task.FromResult(false);
    private long _until = long.MinValue;

    public Task<bool> Ready(CancellationToken cancellation)
    {
        lock (_lock)
        {
            var now = time.GetTimestamp();
            if (_last.IsCompleted && now >= _until)
            {
                _until = now + (long)(_remembered.TotalSeconds * time.TimestampFrequency);
                _last = Ask();
            }
            return _last.WaitAsync(cancellation);
        }
    }

    private async Task<bool> Ask()
    {
        try
        {
            await log.Ping();
            return true;
        }
        catch (StorageUnavailableException)
        {
            return false;
        }
    }
}
