using Orleans.Runtime;

namespace OrleansInbox.ClientApi.Endpoints;

/// <summary>One call of the grain.</summary>
/// <param name="grain">The grain.</param>
/// <param name="argument">Passed on, so that the call needs no closure.</param>
/// <param name="deadline">How long the caller waits: the grain refuses a change that reaches it later. Null: no limit.</param>
internal delegate Task<T> GrainQuery<TGrain, T, TArgument>(TGrain grain, TArgument argument, DateTimeOffset? deadline);

/// <summary>A call that has the grain look into the notifications.</summary>
/// <param name="inbox">The grain.</param>
/// <param name="argument">Passed on.</param>
/// <param name="deadline">As for <see cref="GrainQuery{TGrain, T, TArgument}"/>.</param>
/// <param name="cancelled">Nobody waits for it any more.</param>
internal delegate Task<T> InboxScan<T, TArgument>(IInboxGrain inbox, TArgument argument, DateTimeOffset? deadline, CancellationToken cancelled);

/// <summary>
/// Calls the grains of inboxes and topics, and answers or fails within 5 s. Where silos are other processes, a call that was lost with one of them is repeated within that
/// time.
/// </summary>
internal sealed class InboxClient(InboxGrains inboxes, IGrainFactory grains, ClusterLink link, TimeProvider time)
{
    private static readonly TimeSpan _timeout = TimeSpan.FromSeconds(4.5);

    /// <summary>A silo that has not answered by then is more likely frozen than busy.</summary>
    private static readonly TimeSpan _attemptTimeout = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan _firstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan _longestPause = TimeSpan.FromMilliseconds(400);

    /// <summary>Calls, or their answers, can be lost between processes.</summary>
    public bool CallsCanBeLost => link.HasOthers;

    /// <summary>Calls until there is an answer: the call has to be idempotent.</summary>
    /// <exception cref="TimeoutException">No answer in time; the call may still be carried out.</exception>
    /// <exception cref="StorageUnavailableException">Also when no silo was reached yet.</exception>
    public Task<T> Ask<T, TArgument>(string inbox, GrainQuery<IInboxGrain, T, TArgument> ask, TArgument argument) =>
        link.HasOthers ? AskUntilAnswered(() => inboxes.Get(inbox), ask, argument, _attemptTimeout, CancellationToken.None) : WithTimeout(ask(inboxes.Get(inbox), argument, null));

    /// <summary>Likewise, a grain that is no inbox.</summary>
    public Task<T> Ask<TGrain, T, TArgument>(string key, GrainQuery<TGrain, T, TArgument> ask, TArgument argument) where TGrain : IGrainWithStringKey =>
        link.HasOthers ? AskUntilAnswered(() => grains.GetGrain<TGrain>(key), ask, argument, _attemptTimeout, CancellationToken.None) : WithTimeout(ask(grains.GetGrain<TGrain>(key), argument, null));

    /// <summary>Likewise; the call ends when the caller does not wait for it any more. A large inbox takes its time: that says nothing about the silo.</summary>
    /// <param name="aborted">The caller left.</param>
    public async Task<T> Scan<T, TArgument>(string inbox, InboxScan<T, TArgument> scan, TArgument argument, CancellationToken aborted)
    {
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(aborted);
        var cancelled = ends.Token;
        try
        {
            return link.HasOthers
                ? await AskUntilAnswered(() => inboxes.Get(inbox), (grain, it, deadline) => scan(grain, it, deadline, cancelled), argument, _timeout, cancelled)
                : await WithTimeout(scan(inboxes.Get(inbox), argument, null, cancelled));
        }
        finally
        {
            await ends.CancelAsync();
        }
    }

    /// <summary>Calls once, however it ends.</summary>
    /// <exception cref="TimeoutException">No answer in time; the call may still be carried out.</exception>
    public Task Once(string inbox, Func<IInboxGrain, DateTimeOffset, Task> ask)
    {
        link.ThrowIfUnreached();
        var call = ask(inboxes.Get(inbox), time.GetUtcNow() + _timeout);
        return call.IsCompleted ? call : call.WaitAsync(_timeout, time);
    }

    private Task<T> WithTimeout<T>(Task<T> call) => call.IsCompleted ? call : call.WaitAsync(_timeout, time);

    private async Task<T> AskUntilAnswered<TGrain, T, TArgument>(Func<TGrain> find, GrainQuery<TGrain, T, TArgument> ask, TArgument argument, TimeSpan attemptTimeout, CancellationToken cancelled)
    {
        link.ThrowIfUnreached();
        var grain = find(); // not before a silo is reached
        var began = time.GetTimestamp();
        for (var pause = _firstPause; ; pause = pause * 2 < _longestPause ? pause * 2 : _longestPause)
        {
            try
            {
                var change = link.NextChange; // taken before the call: the call may be lost in the change
                var left = _timeout - time.GetElapsedTime(began);
                if (left <= TimeSpan.Zero) throw new TimeoutException("The grain did not answer in time.");
                if (left > attemptTimeout) left = attemptTimeout;
                var call = ask(grain, argument, time.GetUtcNow() + left);
                if (!call.IsCompleted) await Task.WhenAny(call, change).WaitAsync(left, time, cancelled);
                if (call.IsCompleted) return await call;
            }
            catch (Exception failure) when (IsLost(failure) && !cancelled.IsCancellationRequested && time.GetElapsedTime(began) + pause < _timeout)
            {
                await Task.Delay(pause, time, cancelled);
            }
        }
    }

    /// <summary>
    /// Not an answer of the grain: its silo died, is frozen, or is just handing the grain over. A call that was cancelled, and not by its caller, is one that
    /// Orleans gave up while it placed the grain.
    /// </summary>
    private static bool IsLost(Exception failure) => failure is TimeoutException or OrleansException or OperationCanceledException;
}
