using System.Diagnostics;
using Orleans.Concurrency;
using Orleans.Runtime;
using OrleansInbox.Storage;

namespace OrleansInbox.Topics;

/// <summary>Keeps nothing of the topic in memory. Works through its jobs, for as long as there are any: the index of what is due keeps it active meanwhile.</summary>
[Reentrant, GrainType("topic"), CollectionAgeLimit(Minutes = 2)]
internal sealed class TopicGrain(TopicServices services) : Grain, ITopicGrain, IDisposable
{
    private static readonly TimeSpan _drain = TimeSpan.FromSeconds(3);

    private readonly CancellationTokenSource _stop = new();
    private Task _changing = Task.CompletedTask;
    private Task _working = Task.CompletedTask;
    private bool _mayHaveMore;

    private string Key => this.GetPrimaryKeyString();

    private ITopicStore Store => services.Topics;

    public async Task<bool> Change(string[] add, string[] remove, bool onlyIfOpen, DateTimeOffset? deadline)
    {
        // One after the other: what is written beside an inbox is of the last change, as is the topic.
        var (before, change) = (_changing, new TaskCompletionSource());
        _changing = change.Task;
        try
        {
            await before;
            ThrowIfLate(deadline);
            return await Store.Change(Key, add, remove, onlyIfOpen);
        }
        finally
        {
            change.SetResult();
        }
    }

    public async Task<TopicSubscription> Subscription(string user)
    {
        var (isSubscribed, isOpen) = await Store.Subscription(Key, user);
        return new(isSubscribed, isOpen);
    }

    public async Task<string[]> Subscribers(string? after, int max) => [.. await Store.Subscribers(Key, after, max)];

    public async Task<TopicState> Read()
    {
        var (isOpen, subscribers) = await Store.Read(Key);
        return new(isOpen, subscribers);
    }

    public Task SetOpen(bool isOpen, DateTimeOffset? deadline)
    {
        ThrowIfLate(deadline);
        return Store.SetOpen(Key, isOpen);
    }

    public Task<StartedJob> Publish(NewNotification notification, string[] except)
    {
        if (NotificationRules.Check(notification, services.Time.GetUtcNow()) is { } errors) throw new InvalidNotificationException(errors);
        var work = new TopicWork { Publish = notification with { IdempotencyKey = null, KeyIsForRetries = false }, Except = except };
        return Start(work, notification.IdempotencyKey, notification.KeyIsForRetries);
    }

    public Task<StartedJob> Retract(string collapseKey, string? idempotencyKey, bool keyIsForRetries) =>
        Start(new() { Retract = collapseKey }, idempotencyKey, keyIsForRetries);

    public async Task<JobState?> Job(long number) => await Store.Job(Key, number) is { } job ? new(job.IsDone, job.Done, job.Of) : null;

    public async Task<bool> KeepWorking()
    {
        var last = _working;
        if (!last.IsCompleted) return true;
        if (await Store.NextJob(Key) is null) return false;
        Begin();
        if (last.IsFaulted) await last; // it works again; why it did not is logged by the caller
        return true;
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        await _stop.CancelAsync();
        await _working.WaitAsync(_drain, services.Time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
    }

    public void Dispose() => _stop.Dispose();

    private async Task<StartedJob> Start(TopicWork work, string? idempotencyKey, bool keyIsForRetries)
    {
        work = work.Named(Key, idempotencyKey);
        // First the index: whoever dies after it has left a needless look behind, and no job that nobody goes on with.
        await services.Waiting.Announce([new DueItem(Key, Waiting.TopicId, DateTimeOffset.FromUnixTimeMilliseconds(services.Clock.Now.ToUnixTimeMilliseconds()))]);
        var added = await Store.AddJob(Key, work, idempotencyKey, keyIsForRetries ? InboxLimits.RetryWindow : InboxLimits.IdempotencyWindow);
        if (added.KnownFingerprint is { } known && known != work.Fingerprint()) throw new KeyReusedException(default, TopicName.OfJob(InboxKey.Parse(Key).User, added.Number));
        Begin();
        return new(added.Number, added.Of, added.KnownFingerprint is not null);
    }

    private void Begin()
    {
        _mayHaveMore = true;
        if (_working.IsCompleted) _working = Work();
    }

    private async Task Work()
    {
        Activity.Current = null; // the appends are no part of the call that has begun them
        while (_mayHaveMore && !_stop.IsCancellationRequested)
        {
            _mayHaveMore = false; // a job that is added from here on says so again
            await new TopicJobRun(Key, services).Run(_stop.Token);
        }
    }

    private void ThrowIfLate(DateTimeOffset? deadline)
    {
        if (services.Time.GetUtcNow() > deadline) throw new TimeoutException("The request came after its sender had stopped waiting for it.");
    }
}
