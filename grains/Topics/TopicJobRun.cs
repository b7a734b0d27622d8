using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace OrleansInbox.Topics;

/// <summary>
/// Goes through the jobs of a topic, page by page, the inboxes of a page side by side. A page is noted when all of it is done; one that is done again, after a kill, adds
/// nothing: each inbox knows by the job's key what it has. Storage, or a silo, that is away is waited for.
/// </summary>
internal sealed partial class TopicJobRun(string topic, TopicServices services)
{
    private const int _page = 2_000;
    private const int _underWay = 128;

    /// <summary>Of a failure that does not say of storage or of silos: most likely the inbox's own, which must not hold up all others for ever.</summary>
    private const int _maxUnexplained = 10;

    private static readonly TimeSpan _firstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan _longestPause = TimeSpan.FromSeconds(1);

    private readonly (string Tenant, string Name) _topic = InboxKey.Parse(topic);

    /// <returns>When no job waits any more.</returns>
    public async Task Run(CancellationToken stop)
    {
        try
        {
            services.Metrics.TopicsAtWork(+1);
            while (!stop.IsCancellationRequested)
                if (!await UntilItWorks("storage", Step, stop)) return;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Another activation goes on: the index knows of the job.
        }
        finally
        {
            services.Metrics.TopicsAtWork(-1);
        }

        async Task<bool> Step()
        {
            if (await services.Topics.NextJob(topic) is not { Work: { } work } job) return false;
            var (users, next) = await services.Topics.Recipients(topic, job.Cursor, _page, andLeft: work.Retract is not null);
            var done = await Do(work, users, stop);
            // When somebody else has noted the page, or ended the job, it is read again.
            if (await UntilItWorks("storage", () => services.Topics.Advance(topic, job, done, next), stop)) services.Metrics.TopicReached(done);
            return true;
        }
    }

    private async Task<TopicProgress> Do(TopicWork work, IReadOnlyList<string> users, CancellationToken stop)
    {
        var except = work.Except.ToHashSet(StringComparer.Ordinal);
        var waiting = new Queue<string>(users.Where(user => !except.Contains(user)));
        var notification = work.Publish is null ? null : work.Publish with { IdempotencyKey = Waiting.KeyOf(Waiting.TopicId + work.Nonce), Topic = _topic.Name };
        long reached = 0, muted = 0, failed = 0;
        await Task.WhenAll(Enumerable.Range(0, Math.Min(_underWay, waiting.Count)).Select(_ => Work()).ToArray());
        return new(reached, muted, failed);

        async Task Work() // in the grain's turns: no locks
        {
            while (waiting.TryDequeue(out var user))
            {
                stop.ThrowIfCancellationRequested();
                switch (await Do(InboxKey.Of(_topic.Tenant, user), notification, work.Retract, stop))
                {
                    case Outcome.Reached: reached++; break;
                    case Outcome.Muted: muted++; break;
                    default: failed++; break;
                }
            }
        }
    }

    private Task<Outcome> Do(string inbox, NewNotification? notification, string? collapseKey, CancellationToken stop)
    {
        var unexplained = 0;
        return UntilItWorks(inbox, async () =>
        {
            try
            {
                if (notification is not null) return (await services.Inboxes.Get(inbox).Append(notification)).Muted is null ? Outcome.Reached : Outcome.Muted;
                await services.Inboxes.Get(inbox).Retract(collapseKey!);
                return Outcome.Reached;
            }
            catch (Exception refused) when (refused is TooManyWaitingException or InvalidNotificationException or KeyReusedException)
            {
                return Outcome.Failed;
            }
            catch (Exception failure) when (!IsAway(failure))
            {
                if (++unexplained < _maxUnexplained) throw new StorageUnavailableException(failure.Message, failure);
                LogFailed(services.Logger, failure, topic, inbox);
                return Outcome.Failed;
            }
        }, stop);
    }

    private async Task<T> UntilItWorks<T>(string what, Func<Task<T>> action, CancellationToken stop)
    {
        for (var pause = _firstPause; ; pause = pause * 2 < _longestPause ? pause * 2 : _longestPause)
        {
            stop.ThrowIfCancellationRequested();
            try
            {
                return await action();
            }
            catch (Exception failure) when (IsAway(failure) && !stop.IsCancellationRequested)
            {
                if (services.Warnings.ShouldLog()) LogWaits(services.Logger, failure, topic, what);
                await Task.Delay(pause, services.Time, stop);
            }
        }
    }

    /// <summary>Storage, or a silo, which will be back. A call that was cancelled is one that Orleans gave up while it placed the grain.</summary>
    private static bool IsAway(Exception failure) => failure is StorageUnavailableException or TimeoutException or OrleansException or OperationCanceledException;

    [LoggerMessage(Level = LogLevel.Warning, Message = "A job of topic {Topic} waits for {What}, and goes on when it answers. (Further failures of the next seconds are not logged.)")]
    private static partial void LogWaits(ILogger logger, Exception failure, string topic, string what);

    [LoggerMessage(Level = LogLevel.Error, Message = "A job of topic {Topic} passes over inbox {Inbox}, which fails again and again.")]
    private static partial void LogFailed(ILogger logger, Exception failure, string topic, string inbox);

    private enum Outcome { Reached, Muted, Failed }
}
