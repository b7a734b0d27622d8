using Orleans.Runtime;

namespace OrleansInbox.ClientApi.Endpoints;

/// <summary>A call, and until when its answer is waited for: a change that reaches the inbox later is not made. Null: as long as it takes.</summary>
internal delegate Task<T> InboxQuery<T, TArgument>(IInboxGrain inbox, TArgument argument, DateTimeOffset? deadline);

/// <summary>
/// A caller is answered within 5 s, whatever the grain behind waits for. Where silos are other processes, a call that one of them lost or refused
/// is made again meanwhile: whatever is asked this way can be asked twice.
/// </summary>
internal sealed class InboxClient(InboxGrains inboxes, ClusterLink link, TimeProvider time)
{
    private static readonly TimeSpan _deadline = TimeSpan.FromSeconds(4.5);

    /// <summary>A silo that has not answered by then is frozen more likely than busy.</summary>
    private static readonly TimeSpan _attempt = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan _firstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan _longestPause = TimeSpan.FromMilliseconds(400);

    /// <summary>Calls can be lost on their way, or their answers.</summary>
    public bool CanBeLost => link.HasOthers;

    /// <exception cref="TimeoutException">It took too long; it may still happen.</exception>
    /// <exception cref="StorageUnavailableException">Also when no silo was reached yet.</exception>
    public Task<T> Ask<T, TArgument>(string inbox, InboxQuery<T, TArgument> ask, TArgument argument) =>
        link.HasOthers ? AskUntilAnswered(inbox, ask, argument) : InTime(ask(inboxes.Get(inbox), argument, null));

    /// <summary>Made once, however it ends.</summary>
    /// <exception cref="TimeoutException">It took too long; it may still happen.</exception>
    public Task Once(string inbox, Func<IInboxGrain, DateTimeOffset, Task> ask)
    {
        link.ThrowIfUnreached();
        var call = ask(inboxes.Get(inbox), time.GetUtcNow() + _deadline);
        return call.IsCompleted ? call : call.WaitAsync(_deadline, time);
    }

    private Task<T> InTime<T>(Task<T> call) => call.IsCompleted ? call : call.WaitAsync(_deadline, time);

    private async Task<T> AskUntilAnswered<T, TArgument>(string inbox, InboxQuery<T, TArgument> ask, TArgument argument)
    {
        link.ThrowIfUnreached();
        var grain = inboxes.Get(inbox);
        var began = time.GetTimestamp();
        for (var pause = _firstPause; ; pause = pause * 2 < _longestPause ? pause * 2 : _longestPause)
        {
            try
            {
                var change = link.NextChange; // of before the call, which may be lost with it
                var left = _deadline - time.GetElapsedTime(began);
                if (left <= TimeSpan.Zero) throw new TimeoutException("The inbox did not answer in time.");
                if (left > _attempt) left = _attempt;
                var call = ask(grain, argument, time.GetUtcNow() + left);
                if (!call.IsCompleted) await Task.WhenAny(call, change).WaitAsync(left, time);
                if (call.IsCompleted) return await call;
            }
            catch (Exception failure) when (IsLost(failure) && time.GetElapsedTime(began) + pause < _deadline)
            {
                await Task.Delay(pause, time);
            }
        }
    }

    /// <summary>Not what the grain said, but that nothing was heard of it: its silo died, is frozen, or handed it on just now.</summary>
    private static bool IsLost(Exception failure) => failure is TimeoutException or OrleansException;
}
